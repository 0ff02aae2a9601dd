"""How weights move: Muon for filters and gates and AdamW for the rest, or Adam or AdamW for all, on a schedule.

Muon: Jordan et al. 2024 (kellerjordan.github.io/posts/muon) — momentum whose step is made orthogonal, so that every
direction of a matrix moves as far. Its momentum, its three steps and that filters are held at one norm are from
cifar10-airbench (Jordan 2024, arXiv:2404.00498); a step for each gate by itself is ours. The loop's label smoothing is
Szegedy et al.'s (2015, arXiv:1512.00567). What each part is worth is in benchmarks/README.md.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer

from cnngru.config import TrainingConfig
from cnngru.nn.classifier import CNNGRU

BIAS_SCALER = 5  # cifar10-airbench's biases too move faster than its weights (Jordan 2024, arXiv:2404.00498)
GATES = "layers."  # what the names of the recurrent layers' parameters begin with


def optimizers(model: CNNGRU, config: TrainingConfig) -> list[Optimizer]:
    """The optimizers for the model's trainable parameters; each group's "initial_lr" is what the schedule scales."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    muon = config.optimizer == "muon"
    filter_params = [p for name, p in named if muon and name.startswith("encoder.") and p.ndim == 4]
    gate_params = [p for name, p in named if muon and name.startswith(GATES) and p.ndim == 2]
    by_muon = {id(p) for p in (*filter_params, *gate_params)}
    other_params = [p for _, p in named if id(p) not in by_muon]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in other_params if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in other_params if p.ndim <= 1], "weight_decay": 0.0},
    ]
    found: list[Optimizer]
    if config.optimizer == "adam":
        found = [Adam(groups, lr=config.learning_rate)]
    else:
        groups[1]["lr"] = BIAS_SCALER * config.learning_rate
        found = [AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99))]
    filters = {"params": filter_params, "lr": config.muon_rate, "normalise": True}
    gates = {"params": gate_params, "lr": config.recurrent_rate, "block": model.config.hidden}
    if muon_groups := [group for group in (filters, gates) if group["params"]]:  # a head on bare pixels has neither
        found.append(Muon(muon_groups))
    for optimizer in found:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return found


def lr_factor(schedule: str, progress: float) -> float:
    """What the initial learning rates are multiplied by at `progress` (0..1) through a run with such a schedule."""
    return one_cycle(progress) if schedule == "one-cycle" else 1.0


def one_cycle(progress: float, warm: float = 0.2, start: float = 0.2, end: float = 0.01) -> float:
    """The factor at `progress` (0..1): straight up from `start` to 1, then straight down to `end`.

    After Smith & Topin 2018 (arXiv:1708.07120), with straight lines.
    """
    if progress < warm:
        return start + (1 - start) * progress / warm
    return 1 + (end - 1) * (progress - warm) / (1 - warm)


class Muon(Optimizer):
    """Momentum (Nesterov) whose step on a matrix is made orthogonal; filters (C_out, C_in, h, w) are (C_out, C_in·h·w).

    Options of a group: `lr`, the step's size in singular values; `momentum`; `normalise`: keep the matrix at norm
    √C_out, so that `lr` is a relative change; `block`: a step is made orthogonal for each so many rows by themselves
    (0: for all together), because the gates of a recurrent layer are matrices of their own that PyTorch keeps in one.
    """

    def __init__(self, groups: list[dict[str, Any]]) -> None:
        super().__init__(groups, {"lr": 0.1, "momentum": 0.6, "normalise": False, "block": 0})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(weight.grad)
                buffer = state["momentum_buffer"].mul_(group["momentum"]).add_(weight.grad)
                nesterov = weight.grad.add(buffer, alpha=group["momentum"]).flatten(1)
                if group["normalise"]:
                    weight.mul_(len(weight) ** 0.5 / weight.norm())
                blocks = nesterov.split(group["block"] or len(nesterov))
                step = torch.cat([orthogonalise(block) for block in blocks])
                weight.sub_(step.view(weight.shape), alpha=group["lr"])


def orthogonalise(matrix: Tensor, steps: int = 3, eps: float = 1e-7) -> Tensor:
    """The nearest matrix with equal singular values, roughly: (M, N) -> (M, N), singular values about 0.7 to 1.2.

    A Newton–Schulz iteration on an odd quintic whose coefficients (Jordan et al. 2024) trade exactness for speed.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = wide / (wide.norm() + eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T
