"""`python -m cnngru runs export` and `runs import`: a run as one file, and back. Costs no torch to pack."""

from __future__ import annotations

import argparse
from typing import Any

from cnngru.cli.console import add_json, command, print_json, say, shell
from cnngru.cli.outputs import out_path, writing
from cnngru.runs import store


def add(jobs: Any) -> None:
    job = command(jobs, "export", "a run as one file, to open elsewhere", "python -m cnngru runs export NAME")
    job.add_argument("name")
    job.add_argument("--out", metavar="FILE.zip", help="default: NAME.zip, here")
    job.add_argument(
        "--with-states",
        action="store_true",
        help="also what a training goes on from, several times as large as the weights",
    )
    add_json(job)
    job.set_defaults(run=export)

    job = command(jobs, "import", "open a run from a file", "python -m cnngru runs import NAME.zip")
    job.add_argument("file", metavar="FILE.zip")
    job.add_argument("--name", help="what it is to be called (default: as it was); one that is taken gets a number")
    add_json(job)
    job.set_defaults(run=import_)


def export(args: argparse.Namespace) -> int:
    from cnngru.runs import archive

    run = store.get(args.name)
    path = out_path(args.out, f"{run.name}.zip")
    with writing(path) as file:
        archive.write(run, file, args.with_states)
        size = file.tell()
    if args.json:
        print_json({"name": run.name, "file": str(path), "bytes": size})
    else:
        there = shell("python", "-m", "cnngru", "runs", "import", path.name)
        say(f"{path}: {run.name}, {size / 1e6:.1f} MB. To open it elsewhere: {there}")
    return 0


def import_(args: argparse.Namespace) -> int:
    from cnngru.runs import unpacking

    with open(args.file, "rb") as file:
        name = unpacking.unpack(file, args.name)
    run = store.get(name)
    if args.json:
        print_json({"name": name, "folder": str(run.folder), "status": run.status})
    else:
        say(f"{name}: {run.status}, in {run.folder}")
    return 0
