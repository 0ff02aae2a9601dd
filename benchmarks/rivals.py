"""The rivals side by side: `CNNGRU_DATA=… python -m benchmarks.rivals [--seeds 3] [--data cifar10] [--threads 0]`.

Trains the Compare page's standard comparison, as runs, one after the other and seed by seed. Prints the page's table,
with means over the seeds, and its findings on the source document's claims. Runs that are there with the same settings
are taken as they are, also shipped ones: to measure this machine, give it a folder of its own (CNNGRU_CHECKPOINTS=…).
Stop it and start it again: it goes on where it was.
"""

import argparse
import dataclasses
import statistics
from collections.abc import Callable

from benchmarks.machine import describe
from benchmarks.trained import trained
from cnngru.config import Config, Conv, override
from cnngru.presets import preset
from cnngru.runs import claims, compare, intervals, standard
from cnngru.runs.compare import Row


def deeper(seed: int) -> Config:
    """The quick preset without its GRU, whose parameters go into one more flat block of the CNN: as many, more work."""
    config = override(preset("quick"), "training.seed", seed)
    model = dataclasses.replace(config.model, cell="none", convs=(*config.model.convs, Conv((1, 3), 256)))
    return dataclasses.replace(config, model=model, preset="quick-deeper")


def mean(rows: list[Row], figure: Callable[[Row], float | None], form: str, times: float = 1) -> str:
    """ "mean ± sd" of a figure; "–" where no run has it, and how many have it where not all do."""
    values = [times * value for row in rows if (value := figure(row)) is not None]
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):{form}}" if len(values) > 1 else ""
    return f"{statistics.mean(values):{form}}{spread}" + (f" (n = {len(values)})" if len(values) < len(rows) else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="runs of each network (default 3)")
    parser.add_argument("--data", choices=("cifar10", "rowcue"), default="cifar10")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of each run (default: all)")
    arguments = parser.parse_args()
    wanted = standard.configs(arguments.data, arguments.seeds)
    alone = [deeper(seed) for seed in range(arguments.seeds if arguments.data == "cifar10" else 0)]
    made = {config: trained(override(config, "training.threads", arguments.threads)) for config in (*wanted, *alone)}
    print(f"{describe()}\n{compare.DATA[arguments.data]}, {arguments.seeds} seeds, mean ± sd\n")
    print(
        "| network | parameters | of these recurrent | seconds an epoch | test accuracy, % | seconds to 80 % "
        "| to 90 % | rows reversed, % | rows shuffled, % |\n|---|---|---|---|---|---|---|---|---|"
    )
    groups = compare.groups(list(made.values()))
    for group in groups:
        rows = [compare.row(run) for run in group.runs]
        columns = (
            group.label,
            f"{rows[0].parameters:,}",
            f"{rows[0].recurrent_parameters:,}",
            mean(rows, lambda row: row.seconds_an_epoch, ".1f"),
            mean(rows, lambda row: row.accuracy, ".2f", 100),
            mean(rows, lambda row: row.to_80, ".0f"),
            mean(rows, lambda row: row.to_90, ".0f"),
            mean(rows, lambda row: row.reversed, ".1f", 100),
            mean(rows, lambda row: row.shuffled, ".1f", 100),
        )
        print(f"| {' | '.join(columns)} |")
    if len(alone) > 1:
        quick = [override(preset("quick"), "training.seed", seed) for seed in range(arguments.seeds)]
        ends = [[made[config].last("finished") or {} for config in side] for side in (quick, alone)]
        lead = intervals.welch(*([100 * end["accuracy"] for end in side] for side in ends))
        print("\nThe GRU's lead over a CNN alone with as many parameters, in points: ", end="")
        print(f"{lead.mean:+.2f}, 95 % interval {lead.low:+.2f} to {lead.high:+.2f}")
    print("\n| the document claims | answer | measured |\n|---|---|---|")
    for claim in claims.CLAIMS:
        for finding in claims.findings(claim, groups):
            print(f"| {claim.text} | {finding.answer} | {finding.why} |")


if __name__ == "__main__":
    main()
