"""Whether RowCue needs memory: `python -m benchmarks.rowcue_memory [--seeds 3]`.

The quick preset with its GRU, and the same encoder with the mean over row features in the GRU's place (cell "none").
Whoever sees the three cues but not their order guesses one in three.
"""

import argparse
import statistics

from benchmarks.machine import describe
from cnngru import data
from cnngru.config import override
from cnngru.data.rowcue import CUES
from cnngru.presets import preset
from cnngru.training.events import Finished
from cnngru.training.loop import fit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="runs of each (default 3)")
    seeds = parser.parse_args().seeds
    config = preset("quick", "rowcue")
    dataset = data.load(config.data)
    print(
        f"{describe()}\nquick preset, {config.training.epochs} epochs, {len(dataset.train):,} pictures, {seeds} seeds\n"
    )
    print("| cell | test accuracy, mean ± sd | seconds of training |\n|---|---|---|")
    for cell in ("gru", "none"):
        ends = []
        for seed in range(seeds):
            run = override(override(config, "model.cell", cell), "training.seed", seed)
            ends += [event for event in fit(run, dataset) if isinstance(event, Finished)]
        accuracy = [100 * end.accuracy for end in ends]
        spread = statistics.stdev(accuracy) if seeds > 1 else 0.0
        seconds = statistics.mean(end.seconds for end in ends)
        print(f"| {cell} | {statistics.mean(accuracy):.1f} ± {spread:.1f} % | {seconds:.0f} |", flush=True)
    print(f"| guessing among the cues shown | {100 / CUES:.1f} % | |")


if __name__ == "__main__":
    main()
