"""`python -m cnngru data`: which pictures are here, and how the others are had."""

from __future__ import annotations

import argparse
from typing import Any

from cnngru.cli.console import (
    CommandError,
    add_json,
    add_pictures,
    command,
    complain,
    one_line,
    print_json,
    progress,
    say,
    shell,
)
from cnngru.config import DataConfig

SAYS = {
    "ready": "ready",
    "absent": "not here yet: `{}` fetches it (170 MB)",
    "damaged": "damaged: `{}` fetches it again",
}


def add(commands: Any) -> None:
    parser = command(
        commands, "data", "see, fetch and check data sets", "python -m cnngru data download --path ~/datasets"
    )
    jobs = parser.add_subparsers(title="jobs", metavar="JOB", required=True)

    job = command(jobs, "status", "which data sets are ready to use", "python -m cnngru data status --json")
    job.add_argument("--path", default="", metavar="DIR", help="where CIFAR-10 is (default: $CNNGRU_DATA, else data/)")
    add_json(job)
    job.set_defaults(run=status)

    job = command(jobs, "download", "fetch CIFAR-10 and check it", "python -m cnngru data download")
    job.add_argument("--path", default="", metavar="DIR", help="where to put it (default: $CNNGRU_DATA, else data/)")
    job.set_defaults(run=download)

    job = command(
        jobs,
        "check",
        "read a data set whole and count its pictures",
        "python -m cnngru data check --data folder --path ~/pictures",
    )
    add_pictures(job, default="cifar10")
    add_json(job)
    job.set_defaults(run=check)


def status(args: argparse.Namespace) -> int:
    from cnngru.data import cifar10

    if why := cifar10.unreadable(args.path):
        raise CommandError(why)
    state, where = cifar10.status(args.path), str(cifar10.root(args.path))
    if args.json:
        print_json({"cifar10": {"status": state, "path": where}, "rowcue": {"status": "ready"}})
    else:
        fetch = shell("python", "-m", "cnngru", "data", "download", *(["--path", args.path] if args.path else []))
        say(f"cifar10  {where}: {SAYS[state].format(fetch)}")
        say("rowcue   ready: it is generated when it is needed")
    return 0


def download(args: argparse.Namespace) -> int:
    from cnngru.data import cifar10

    with progress() as show:
        where = cifar10.fetch(args.path, show)
    say(f"CIFAR-10 is ready in {where}.")
    return 0


def check(args: argparse.Namespace) -> int:
    from cnngru import data

    with progress(args.json) as show:
        dataset = data.load(DataConfig(name=args.data, path=args.path), show)
    for note in dataset.notes:
        complain(note)
    sizes = {name: len(getattr(dataset, name)) for name in ("train", "validation", "test")}
    if args.json:
        print_json({"data": dataset.name, "classes": dataset.classes, **sizes})
    else:
        counts = ", ".join(f"{n:,} {name}" for name, n in sizes.items())
        names = ", ".join(map(one_line, dataset.classes))
        say(f"{dataset.name}: {counts} pictures of {len(dataset.classes)} classes ({names})")
    return 0
