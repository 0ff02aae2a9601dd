"""`python -m cnngru runs prune`: removes runs that came to nothing.

Never one that is pinned, comes along with the app, or is at work.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from cnngru import places
from cnngru.cli.console import CommandError, add_json, command, complain, confirmed, one_line, print_json, say
from cnngru.runs import index, labels, store
from cnngru.runs.index import Summary
from cnngru.runs.store import RunError

EARLY = ("interrupted", "failed", "stopped")
DAYS = 30


def add(jobs: Any) -> None:
    job = command(
        jobs,
        "prune",
        "remove old runs that ended early, for good",
        "python -m cnngru runs prune --days 7 --dry-run",
    )
    job.add_argument(
        "--status",
        action="append",
        choices=(*EARLY, "finished"),
        help=f"only runs of this status, of any age; may be given again (default: {', '.join(EARLY)})",
    )
    job.add_argument(
        "--days",
        type=float,
        metavar="N",
        help=f"only runs that ended more than N days ago (default: {DAYS}, where neither --status nor --keep is given)",
    )
    job.add_argument("--keep", type=int, default=0, metavar="N", help="leave the N newest of them")
    job.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    job.add_argument("--yes", action="store_true", help="do not ask")
    add_json(job)
    job.set_defaults(run=prune)


def prune(args: argparse.Namespace) -> int:
    days = args.days
    if days is None:
        days = 0.0 if args.status or args.keep else float(DAYS)
    if not days >= 0 or args.keep < 0:
        raise CommandError("--days and --keep must be 0 or more. Nothing was removed.")
    found = old(index.summaries(), args.status or EARLY, days)[args.keep :]
    if args.dry_run or not found:
        return _tell(args, found)
    if not args.json:
        _list(found)
    if not confirmed(
        args.yes, f"Remove {_count(found)} for good?", f"Nothing was removed. To remove {_count(found)} for good"
    ):
        return 0
    removed, code = [], 0
    for run in found:
        try:
            if not labels.read(run.folder).pinned:  # since the list was made
                store.delete(run.name)
                removed.append(run)
        except RunError as error:
            complain(str(error))
            code = 1
    return _tell(args, removed) or code


def old(runs: Sequence[Summary], statuses: Sequence[str], days: float) -> list[Summary]:
    """The runs of these statuses that ended so many days ago and may go, the newest first."""
    before = time.time() - 86_400 * days
    return [
        run
        for run in runs
        if run.status in statuses
        and not (run.live or run.labels.pinned or run.name in places.NETWORKS)
        and (run.events[-1].get("time", run.created_at) if run.events else run.created_at) <= before
    ]


def _count(runs: Sequence[Summary]) -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs):,} runs"


def _list(runs: Sequence[Summary]) -> None:
    width = max(len(run.name) for run in runs)
    for run in runs:
        say(f"{run.name:{width}}  {run.status:11}  {one_line(run.title)}".rstrip())


def _tell(args: argparse.Namespace, runs: Sequence[Summary]) -> int:
    if args.json:
        print_json({"removed": [run.name for run in runs], "dry_run": args.dry_run})
    elif not runs:
        say("There is nothing to remove.")
    elif args.dry_run:
        _list(runs)
        say(f"{_count(runs)} would be removed. Nothing was removed.")
    else:
        say(f"{_count(runs)} removed.")
    return 0
