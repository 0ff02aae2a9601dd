"""Which attribution names the row that mattered, where that is known: `python -m benchmarks.faithfulness`.

RowCue pictures that the network has not seen, the shipped network, and the same one untrained. The class is that of the
topmost of three cues; all else in the picture can change without changing it. Each step of this network sees two pixel
rows and a cue is four high: so two of the 16 steps, whole, are the cue's. **Named** is the share of pictures whose
largest entry (with its sign) is one of those two; one drawn by lot is in 12.5 %. The margin is the right class's
logit less that of the best other one, by the network that is asked.

- Occlusion of a single step misses some cues because half a cue can be enough: the other step says the same. With a
  window as high as a cue (2 steps) nothing is left that could.
- Where a step's features are replaced by their mean over the picture or over all pictures, a step above the cue can
  seem to matter most: the mean is a faint cue, and the network takes in the first that comes.
- The written contribution is exact and does not name the cue. It says where the final state was *written*, and this
  network does not hold what the cue wrote until the end: it writes it anew at the steps below. Their features know
  nothing of the cue's rows, so they have it from the state before them. The second table shows it: of what the margin
  loses with the first cue painted over, so much had been written in the cue's own steps and so much below them.
- The control is the mean of several untrained networks. Its largest entries are spread over all steps, and cues differ
  more from grey than noise does, so some are a little above a step drawn by lot and some below. Its sensitivity is
  always largest at the last step, and there the topmost of three cues never is: 0 %.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

import cnngru
from benchmarks.machine import describe
from cnngru.data.rowcue import RowCue, generate
from cnngru.explain import attribution
from cnngru.explain.memory import retention
from cnngru.explain.untrained import untrained
from cnngru.nn.classifier import CNNGRU

SHIPPED = Path(__file__).parents[1] / "checkpoints/rowcue-quick"
TEST = 2  # the test stream of RowCue's seed: the network was trained on stream 0

Attribution = Callable[[CNNGRU, Tensor, Tensor, Tensor], Tensor]  # model, images, a, b -> (B, T)


def written(model: CNNGRU, images: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return attribution.written(model, cnngru.trace(model, images)[1], a, b)


def occlusion_by_mean(model: CNNGRU, images: Tensor, a: Tensor, b: Tensor) -> Tensor:
    with torch.no_grad():
        mean = model.encoder(images).mean(1, keepdim=True)  # (B, 1, F)
    return attribution.occlusion(model, images, a, b, baseline=mean)


def occlusion_of_a_bands_height(model: CNNGRU, images: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return attribution.occlusion(model, images, a, b, height=2)


def integrated_gradients(model: CNNGRU, images: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return attribution.integrated_gradients(model, images, a, b)[0]


ATTRIBUTIONS: dict[str, Attribution] = {
    "occlusion, 2 steps at once": occlusion_of_a_bands_height,
    "occlusion, 1 step": attribution.occlusion,
    "occlusion, 1 step, by the picture's mean row": occlusion_by_mean,
    "occlusion of pixels, 1 step": attribution.occlusion_of_pixels,
    "integrated gradients, 32 points": integrated_gradients,
    "sensitivity": attribution.sensitivity,
    "written": written,
}


def classes(model: CNNGRU, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The right class and the best other one by this network, (B,) each."""
    with torch.no_grad():
        logits = model(images)
    return labels, logits.scatter(1, labels[:, None], float("-inf")).argmax(1)


def steps_of(model: CNNGRU, cue: Tensor) -> Tensor:
    """cue (B, 2): pixel rows [start, end) -> (B, T): whether all that a step sees belongs to it."""
    return (model.bands[:, 0] >= cue[:, :1]) & (model.bands[:, 1] <= cue[:, 1:])


def named(values: Tensor, true: Tensor) -> float:
    """Percent of pictures whose largest value (B, T) is where `true` (B, T) is."""
    return 100 * true.gather(1, values.argmax(1, keepdim=True)).float().mean().item()


def where_the_margin_was_written(model: CNNGRU, made: RowCue, images: Tensor, a: Tensor, b: Tensor) -> dict[str, float]:
    """Medians over pictures, in percent: of what the margin loses with the first cue painted grey, by where it had been
    written; and of the state after the cue, what is left of it at the end (mean of all units)."""
    rows, true = torch.arange(32), steps_of(model, made.cue_rows[:, 0])
    covered = (rows >= made.cue_rows[:, 0, :1]) & (rows < made.cue_rows[:, 0, 1:])  # (B, 32)
    painted = torch.where(covered[:, None, :, None], torch.tensor(attribution.GREY), images)
    lost = written(model, images, a, b) - written(model, painted, a, b)  # (B, T)
    below = model.bands[:, 0] >= made.cue_rows[:, 0, 1:]
    kept = retention(cnngru.trace(model, images)[1]).mean(-1)[:, :, -1]  # (B, T): K(s→last)
    last_of_cue = (true * torch.arange(true.shape[1])).argmax(1, keepdim=True)
    return {
        "of what the margin loses with the first cue painted over, written in the cue's own steps": (
            100 * (lost * true).sum(1) / lost.sum(1)
        )
        .median()
        .item(),
        "… in steps below the cue": (100 * (lost * below).sum(1) / lost.sum(1)).median().item(),
        "of the state just after the cue, kept to the end (mean of units)": 100
        * kept.gather(1, last_of_cue).median().item(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default=SHIPPED, help="a RowCue network's folder (default: the shipped one)")
    parser.add_argument("--pictures", type=int, default=1000, help="test pictures (default 1000)")
    parser.add_argument("--controls", type=int, default=3, help="untrained networks (default 3)")
    given = parser.parse_args()
    model = cnngru.load(given.run)
    made = generate(given.pictures, (0, TEST))
    images, labels = made.images.float() / 255, made.labels.long()
    true = steps_of(model, made.cue_rows[:, 0])
    a, b = classes(model, images, labels)
    right = 100 * (model(images).argmax(1) == labels).float().mean().item()
    chance = 100 * true.float().mean().item()
    print(f"{describe()}\n{given.pictures:,} RowCue test pictures; the network is right in {right:.1f} %.\n")

    controls = [untrained(model, seed) for seed in range(given.controls)]
    of_each = {name: ask(model, images, a, b) for name, ask in ATTRIBUTIONS.items()}
    print("| attribution | named, % | untrained, % (min–max) | ρ with the first, median |\n|---|---|---|---|")
    for name, ask in ATTRIBUTIONS.items():
        lots = [named(ask(control, images, *classes(control, images, labels)), true) for control in controls]
        rho = attribution.rank_correlation(of_each[name], of_each["occlusion, 2 steps at once"]).nanmedian().item()
        control = f"{statistics.mean(lots):.1f} ({min(lots):.1f}–{max(lots):.1f})" if lots else ""
        print(f"| {name} | {named(of_each[name], true):.1f} | {control} | {rho:.2f} |", flush=True)
    print(f"| a step drawn by lot | {chance:.1f} | {chance:.1f} | 0 |\n")

    print("Why `written` does not name it: the state is written anew below the cue, from the state before (medians).\n")
    print("| share | % |\n|---|---|")
    for name, share in where_the_margin_was_written(model, made, images, a, b).items():
        print(f"| {name} | {share:.1f} |")


if __name__ == "__main__":
    main()
