"""The rivals side by side: `CNNGRU_DATA=… python -m benchmarks.rivals [--seeds 3] [--data cifar10] [--threads 0]`.

Trains the Compare page's standard comparison, as runs, one after the other and seed by seed. Prints the page's table,
with means over the seeds, and its findings on the source document's claims. Runs that are there with the same settings
are taken as they are, also shipped ones: to measure this machine, give it a folder of its own (CNNGRU_CHECKPOINTS=…).
Stop it and start it again: it goes on where it was. `--preset standard --only GRU "CNN alone"` asks of another preset
whether the GRU is worth its parameters. With --write the findings go to cnngru/comparison/measured.json, for Compare.
"""

import argparse
import os
import statistics
from collections.abc import Callable
from datetime import date

from benchmarks.machine import describe, machine
from benchmarks.trained import trained
from cnngru import names
from cnngru.comparison import claims, measured, metrics, plan, sentences
from cnngru.comparison.findings import ENOUGH, findings
from cnngru.comparison.groups import groups
from cnngru.comparison.metrics import Metrics
from cnngru.config import Config, override


def network(config: Config) -> str:
    return names.network(config.model.encoder, config.model.cell)


NETWORKS = tuple(dict.fromkeys(network(config) for config in plan.configs("cifar10", 1)))


def mean(rows: list[Metrics], figure: Callable[[Metrics], float | None], form: str, times: float = 1) -> str:
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
    parser.add_argument("--preset", choices=("quick", "standard", "best"), default="quick", help="default: quick")
    parser.add_argument("--only", nargs="+", default=NETWORKS, choices=NETWORKS, metavar="NETWORK", help="some of them")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of each run (default: all)")
    parser.add_argument("--write", action="store_true", help="keep the findings for the Compare page")
    arguments = parser.parse_args()
    if arguments.write and (arguments.seeds < ENOUGH or "CNNGRU_CHECKPOINTS" not in os.environ):
        parser.error(f"--write needs {ENOUGH} seeds, and a folder of its own in CNNGRU_CHECKPOINTS")
    wanted = [
        config
        for config in plan.configs(arguments.data, arguments.seeds, arguments.preset)
        if network(config) in arguments.only
    ]
    made = [trained(override(config, "training.threads", arguments.threads)) for config in wanted]
    print(f"{describe()}\n{names.DATA[arguments.data]}, {arguments.preset}, {arguments.seeds} seeds, mean ± sd\n")
    print(
        "| network | parameters | of these recurrent | seconds an epoch | test accuracy, % | seconds to 80 % "
        "| to 90 % | rows reversed, % | rows shuffled, % |\n|---|---|---|---|---|---|---|---|---|"
    )
    compared = groups(made)
    for group in compared:
        rows = [metrics.of(run) for run in group.runs]
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
    print("\n| the document claims | answer | measured |\n|---|---|---|")
    answers = [found for claim in claims.CLAIMS for found in findings(claim, compared)]
    for found in answers:
        if found.data:  # else its networks were left out, or it is about another data set
            print(f"| {sentences.CLAIMS[found.claim.id]} | {found.answer} | {sentences.why(found)} |")
    if arguments.write:
        measured.write(f"{arguments.data}-{arguments.preset}", machine(), str(date.today()), answers)


if __name__ == "__main__":
    main()
