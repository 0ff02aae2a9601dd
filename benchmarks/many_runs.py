"""How quickly all runs are listed where there are many: `python -m benchmarks.many_runs [--runs 1000]`.

Makes that many folders in a temporary place, with the configs and logs of the runs that come along (a training's whole
log, some 100 KB each), half of them finished and the rest ended in the middle. Each way of reading is a process of its
own: "whole logs" reads them all into memory (`store.all_runs`), "index" is what the pages and `runs list` do. Prints
seconds for the first look and for the next ones, and the memory of the process.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import describe
from cnngru import places
from cnngru.runs import index, log
from cnngru.runs.run import CONFIG

NEXT = 9  # looks after the first
CHILD = r"""
import re, sys, time
from pathlib import Path
from cnngru.runs import index, log, store
look, grown = {"whole": store.all_runs, "index": index.summaries}[sys.argv[1]], store.root() / sys.argv[2]
times = []
for number in range(1 + 2 * int(sys.argv[3])):
    if number > int(sys.argv[3]):  # one run goes on
        log.append(grown, {"kind": "data", "done": 0, "total": 1, "what": "starting"})
    begin = time.perf_counter()
    found = look()
    times.append(time.perf_counter() - begin)
memory = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
print(len(found), memory, *times)
"""


def fill(folder: Path, count: int) -> int:
    """Makes the runs; returns the bytes of their logs."""
    networks = [places.SHIPPED / name for name in places.NETWORKS]
    written = 0
    for number in range(count):
        source, run = networks[number % len(networks)], folder / f"run-{number:05}"
        config = json.loads((source / CONFIG).read_text(encoding="utf-8"))
        config["training"]["seed"] = number
        lines = (source / log.FILE).read_bytes().splitlines(keepends=True)
        lines = lines if number % 2 else lines[: len(lines) * 3 // 4]
        run.mkdir()
        (run / CONFIG).write_text(json.dumps(config, indent=2), encoding="utf-8")
        (run / log.FILE).write_bytes(b"".join(lines))
        written += sum(map(len, lines))
    return written


def row(what: str, way: str, environment: dict[str, str]) -> str:
    """A line of the table, measured in a process of its own."""
    command = [sys.executable, "-c", CHILD, way, "run-00000", str(NEXT)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    memory, (first, *later) = int(said[1]) / 1024, map(float, said[2:])
    quiet, grown = statistics.median(later[:NEXT]), statistics.median(later[NEXT:])
    return f"| {what} | {first:.2f} s | {1000 * quiet:.0f} ms | {1000 * grown:.0f} ms | {memory:.0f} MiB |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        written = fill(Path(place), args.runs)
        environment = {**os.environ, "CNNGRU_CHECKPOINTS": place}
        print(f"{describe()}\n{args.runs:,} runs, {written / 1e6:.0f} MB of logs\n")
        print("| way | first look | next looks | next, one run goes on | memory |\n|---|---|---|---|---|")
        print(row("whole logs", "whole", environment), flush=True)
        print(row("index, where none is there yet", "index", environment), flush=True)
        print(row("index, a new process", "index", environment), flush=True)
        print(f"\n{index.FILE} has {(Path(place) / index.FILE).stat().st_size / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
