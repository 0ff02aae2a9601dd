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

BIASES_FASTER = 5  # cifar10-airbench's too move faster than its weights (Jordan 2024, arXiv:2404.00498)
GATES = "layers."  # what the names of the recurrent layers' parameters begin with


def optimizers(model: CNNGRU, config: TrainingConfig) -> list[Optimizer]:
    """The optimizers for the model's trainable parameters; each group's "peak" is its learning rate at the top."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    muon = config.optimizer == "muon"
    banks = [p for name, p in named if muon and name.startswith("encoder.") and p.ndim == 4]
    gates = [p for name, p in named if muon and name.startswith(GATES) and p.ndim == 2]
    taken = {id(p) for p in (*banks, *gates)}
    rest = [p for _, p in named if id(p) not in taken]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
    ]
    chosen: list[Optimizer]
    if config.optimizer == "adam":
        chosen = [Adam(groups, lr=config.learning_rate)]
    else:
        groups[1]["lr"] = BIASES_FASTER * config.learning_rate
        chosen = [AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99))]
    if muon:
        by_norm = {"params": banks, "lr": config.muon_rate, "hold": True}
        by_gate = {"params": gates, "lr": config.recurrent_rate, "rows": model.config.hidden}
        if its_own := [group for group in (by_norm, by_gate) if group["params"]]:  # a head on bare pixels has neither
            chosen.append(Muon(its_own))
    for optimizer in chosen:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return chosen


def share_of_peak(schedule: str, progress: float) -> float:
    """The share of its peak that a learning rate has at `progress` (0..1) through a run, by TrainingConfig.schedule."""
    return one_cycle(progress) if schedule == "one-cycle" else 1.0


def one_cycle(progress: float, warm: float = 0.2, start: float = 0.2, end: float = 0.01) -> float:
    """The share of the peak learning rate at `progress` (0..1): straight up from `start`, then straight down to `end`.

    After Smith & Topin 2018 (arXiv:1708.07120), with straight lines.
    """
    if progress < warm:
        return start + (1 - start) * progress / warm
    return 1 + (end - 1) * (progress - warm) / (1 - warm)


class Muon(Optimizer):
    """Momentum (Nesterov) whose step on a matrix is made orthogonal; filters (C_out, C_in, h, w) are (C_out, C_in·h·w).

    Options of a group: `lr`, the step's size in singular values; `momentum`; `hold`: keep the matrix at norm √C_out, so
    that `lr` is a relative change; `rows`: a step is made orthogonal for each so many rows by themselves (0: for all
    together), because the gates of a recurrent layer are matrices of their own that PyTorch keeps in one.
    """

    def __init__(self, groups: list[dict[str, Any]]) -> None:
        super().__init__(groups, {"lr": 0.1, "momentum": 0.6, "hold": False, "rows": 0})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight.grad)
                momentum = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                ahead = weight.grad.add(momentum, alpha=group["momentum"]).flatten(1)
                if group["hold"]:
                    weight.mul_(len(weight) ** 0.5 / weight.norm())
                blocks = ahead.split(group["rows"] or len(ahead))
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
