"""Which row mattered? Four answers, row by row, for the margin logit a − logit b of one picture.

    written        what the row wrote into the margin, as far as it was kept; Σ is the margin less the head's biases
    sensitivity    ‖∂margin/∂x_t‖₂: how much the margin would move, were the row's features x_t a little different
    occlusion      margin − margin with nothing in the row's place (Zeiler & Fergus 2014, arXiv:1311.2901)
    integrated     Σ_f (x − x̄)_t ∂margin/∂x_t, averaged over the way from nothing, x̄, to the picture
    gradients      (Sundararajan et al. 2017, arXiv:1703.01365): Σ is margin(x) − margin(x̄)

They ask different things. What was *written at* a row may come from rows before it: its candidate is computed from the
state, and a network that writes its memory anew at every row has its margin written at the last ones. Sensitivity is of
small changes and has no sign. Occlusion is a cause, of one row at a time: where two rows say the same, it misses both.

"Nothing" is by default the features that the encoder gives to an evenly grey picture: the `baseline` of the last two.
The mean over the picture's rows, or over a data set's, would be a faint picture of everything that they show: on RowCue
a network that is waiting for its first cue takes it for one.

All results are (B, T) in picture order (row 0 = top). a and b are indices of classes, (B,) or one for all. B pictures,
T rows, F features, C classes. The model is not changed; its weights get no gradient.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from cnngru.bands import bands, vertical
from cnngru.config import PICTURE, ModelConfig
from cnngru.explain.memory import contributions
from cnngru.explain.trace import Trace
from cnngru.nn.classifier import CNNGRU

WRITTEN, SENSITIVITY, OCCLUSION, INTEGRATED = "written", "sensitivity", "occlusion", "integrated gradients"
GREY = 0.5  # of 0..1, in all colours
POINTS = 32  # on the way of integrated gradients
AT_ONCE = 1024  # pictures in one pass, where several versions of each go through together

Class = Tensor | int  # an index into the logits, (B,) or one for all


def answer_and_runner_up(logits: Tensor) -> tuple[Tensor, Tensor]:
    """logits (B, C) -> the classes of the largest and of the second largest, (B,) each."""
    a, b = logits.topk(2).indices.unbind(-1)
    return a, b


def written(model: CNNGRU, trace: Trace, a: Class, b: Class) -> Tensor:
    """What each row wrote into the margin and left there to the end; both directions added up.

    The sum over rows is the margin less the difference of the head's two biases. Raises ValueError where the logits do
    not split by row (`memory.contributions`).
    """
    rows = contributions(model, trace).rows.sum(1)  # (B, T, C)
    return _difference(rows.transpose(1, 2), a, b)


def sensitivity(model: CNNGRU, images: Tensor, a: Class, b: Class) -> Tensor:
    """‖∂margin/∂x_t‖₂ ≥ 0, in logits per unit of the row features. images (B, 3, 32, 32), float in 0..1.

    Raises ValueError for a model in train mode, as all that follow.
    """
    return _gradient(model, _features(model, images), a, b).norm(dim=-1)


@torch.no_grad()
def occlusion(
    model: CNNGRU, images: Tensor, a: Class, b: Class, baseline: Tensor | None = None, height: int = 1
) -> Tensor:
    """margin − margin with the row's features replaced: above 0 where the row spoke for a against b.

    baseline   what replaces them, (F,), (T, F) or (B, T, F); None: the features of a grey picture
    height     so many neighbouring rows are replaced at once, and each row gets the mean over all such windows that it
               lies in (those that stick out of the picture are left out). 1 misses what two rows say alike
    """
    features = _features(model, images)
    rows = features.shape[1]
    if not 1 <= height <= rows:
        raise ValueError(
            f"The window is to be 1 to {rows} rows high, which is all that the network reads, not {height}."
        )
    nothing = _nothing(model, baseline).expand_as(features)
    whole = _margin(model, features, a, b)
    total, windows = torch.zeros_like(features[..., 0]), features.new_zeros(rows)
    for top in range(rows - height + 1):
        covered = slice(top, top + height)
        without = features.clone()
        without[:, covered] = nothing[:, covered]
        total[:, covered] += (whole - _margin(model, without, a, b))[:, None]
        windows[covered] += 1
    return total / windows


@torch.no_grad()
def occlusion_of_pixels(model: CNNGRU, images: Tensor, a: Class, b: Class) -> Tensor:
    """margin − margin with the row's own `stripes` painted grey in the picture.

    Where a step sees more than its stripe, its neighbours change as well: this one is about the picture, `occlusion`
    about what the recurrent part is handed.
    """
    whole = _difference(_classified(model, images), a, b)
    changes = []
    for start, end in stripes(model.config):
        painted = images.clone()
        painted[:, :, start:end] = GREY
        changes.append(whole - _difference(_classified(model, painted), a, b))
    return torch.stack(changes, dim=1)


def integrated_gradients(
    model: CNNGRU, images: Tensor, a: Class, b: Class, steps: int = POINTS, baseline: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(values (B, T), residual (B,)): the margin's difference to that of the baseline, shared out among the rows.

    steps      points on the straight way from the baseline to the features, at the middles of so many equal parts
    baseline   as in `occlusion`
    residual   margin(x) − margin(x̄) − Σ values: what the sum over finitely many points misses; 0 for infinitely many
    """
    if steps < 1:
        raise ValueError(f"The way from the baseline to the picture takes at least 1 step, not {steps}.")
    features = _features(model, images)
    nothing = _nothing(model, baseline).expand_as(features)
    pictures, rows, width = features.shape
    total = torch.zeros_like(features)
    points = (torch.arange(steps, device=features.device, dtype=features.dtype) + 0.5) / steps
    for some in points.split(max(1, AT_ONCE // pictures)):
        path = nothing + some[:, None, None, None] * (features - nothing)  # (points, B, T, F)
        each_a, each_b = (_indices(index, features).repeat(len(some)) for index in (a, b))
        gradient = _gradient(model, path.flatten(0, 1), each_a, each_b)
        total += gradient.view(len(some), pictures, rows, width).sum(0)
    values = ((features - nothing) * total / steps).sum(-1)
    with torch.no_grad():
        change = _margin(model, features, a, b) - _margin(model, nothing, a, b)
    return values, change - values.sum(1)


def by_name(
    model: CNNGRU, images: Tensor, trace: Trace, a: Class, b: Class, *, height: int = 1, pixels: bool = False
) -> tuple[dict[str, Tensor], Tensor]:
    """All four, (B, T) each, and the residual (B,) of integrated gradients.

    height   of `occlusion`
    pixels   occlude the rows' own pixels (`occlusion_of_pixels`) and not their features
    "written" is left out where the logits do not split by row.
    """
    splits = model.config.readout != "gated" and not trace.spec.no_split
    values = {WRITTEN: written(model, trace, a, b)} if splits else {}
    values[SENSITIVITY] = sensitivity(model, images, a, b)
    hidden = occlusion_of_pixels(model, images, a, b) if pixels else occlusion(model, images, a, b, height=height)
    values[OCCLUSION] = hidden
    values[INTEGRATED], residual = integrated_gradients(model, images, a, b)
    return values, residual


def rank_correlation(x: Tensor, y: Tensor) -> Tensor:
    """Spearman's ρ (B,) in −1..1 of x and y (B, T), picture by picture; equal values share their mean rank.

    NaN where all values of one of them are equal: no order, no correlation.
    """
    from scipy.stats import rankdata  # takes half a second to import, and few ask

    ranks = (torch.from_numpy(rankdata(values.numpy(force=True), axis=1)) for values in (x, y))
    of_x, of_y = (each - each.mean(1, keepdim=True) for each in ranks)
    return (of_x * of_y).sum(1) / (of_x.square().sum(1) * of_y.square().sum(1)).sqrt()


def agreement(values: Mapping[str, Tensor], unsigned: Collection[str] = (SENSITIVITY,)) -> Tensor:
    """The rank correlations of K attributions (B, T) with each other: (B, K, K), float64, in the order of `values`.

    unsigned    names of those that have no sign: they are compared with the others' sizes, for a row that speaks
                strongly against matters as one that speaks strongly for
    """
    pictures, count = len(next(iter(values.values()))), len(values)
    table = torch.empty(pictures, count, count, dtype=torch.float64)
    for row, (first, x) in enumerate(values.items()):
        for column, (second, y) in enumerate(values.items()):
            sizes = first in unsigned or second in unsigned
            table[:, row, column] = rank_correlation(x.abs(), y.abs()) if sizes else rank_correlation(x, y)
    return table


def stripes(config: ModelConfig) -> list[tuple[int, int]]:
    """The pixel rows [start, end) that are each step's own: around the middle of its band, one stride high.

    No two overlap, unlike the bands. Where the network's last step leaves pixel rows over, they are nobody's.
    """
    first, height, stride = 0, 1, 1  # of what step 0 sees, were the picture to go on above and below; and step to step
    for kernel, step, padding in vertical(config):
        first -= padding * stride
        height += (kernel - 1) * stride
        stride *= step
    top = first + math.floor((height - stride) / 2)
    starts = [top + stride * t for t in range(len(bands(config)))]
    return [(max(start, 0), min(start + stride, PICTURE)) for start in starts]


@torch.no_grad()
def _features(model: CNNGRU, images: Tensor) -> Tensor:
    """(B, T, F), float32."""
    _refuse_train_mode(model)
    return model.encoder(images)


@torch.no_grad()
def _nothing(model: CNNGRU, baseline: Tensor | None) -> Tensor:
    """What stands for nothing, to be broadcast to (B, T, F)."""
    if baseline is not None:
        return baseline
    like = next(model.parameters())
    return model.encoder(like.new_full((1, 3, PICTURE, PICTURE), GREY))  # (1, T, F)


def _classified(model: CNNGRU, images: Tensor) -> Tensor:
    _refuse_train_mode(model)
    return model(images)


def _margin(model: CNNGRU, features: Tensor, a: Class, b: Class) -> Tensor:
    return _difference(model.classify(features), a, b)


def _gradient(model: CNNGRU, features: Tensor, a: Class, b: Class) -> Tensor:
    """∂margin/∂x (B, T, F). No picture's margin depends on another's features, so one sum serves all."""
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # cuDNN's GRU has no gradient in eval mode
        x = features.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(_margin(model, x, a, b).sum(), x)
    return gradient


def _difference(values: Tensor, a: Class, b: Class) -> Tensor:
    """values (B, C, …) of class a minus those of class b: (B, …)."""
    each = torch.arange(len(values), device=values.device)
    return values[each, _indices(a, values)] - values[each, _indices(b, values)]


def _indices(index: Class, values: Tensor) -> Tensor:
    """(B,) whole numbers, beside values (B, …)."""
    return torch.as_tensor(index, device=values.device).long().expand(len(values))


def _refuse_train_mode(model: CNNGRU) -> None:
    if model.training:
        raise ValueError("Put the model into eval mode first: model.eval().")
