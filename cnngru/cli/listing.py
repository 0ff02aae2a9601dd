"""`python -m cnngru runs list`: all runs, or those that one asks for, in the order that one asks for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args

from cnngru.cli.console import DATA_SETS, add_json, command, one_line, print_json, say
from cnngru.cli.figures import figures
from cnngru.runs import index, labels, store
from cnngru.runs.index import Summary
from cnngru.runs.run import Status

Figures = dict[str, Any]
# What is sorted by -> its value, where less comes first; what a run does not have comes last.
SORTS: dict[str, Callable[[Figures], Any]] = {
    "newest": lambda run: -run["created"],
    "oldest": lambda run: run["created"],
    "name": lambda run: run["name"],
    "title": lambda run: (run["title"] or run["name"]).casefold(),
    "accuracy": lambda run: None if run["accuracy"] is None else -run["accuracy"],
    "seconds": lambda run: run["seconds"],
    "status": lambda run: run["status"],
    "data": lambda run: run["data"],
}


def add(jobs: Any) -> None:
    job = command(jobs, "list", "all runs, newest first", "python -m cnngru runs list --tag may --sort accuracy")
    job.add_argument(
        "--status", action="append", choices=get_args(Status), help="only runs of this status; may be given again"
    )
    job.add_argument("--tag", action="append", metavar="WORD", help="only runs with this tag, and all that are given")
    job.add_argument("--data", choices=DATA_SETS, help="only runs on this data set")
    job.add_argument("--pinned", action="store_true", help="only pinned runs")
    job.add_argument("--sort", choices=SORTS, default="newest", help="what comes first (default: newest)")
    add_json(job)
    job.set_defaults(run=list_)


def list_(args: argparse.Namespace) -> int:
    runs = index.summaries()
    known = [figures(run) for run in runs if _wanted(run, args)]
    by = SORTS[args.sort]
    known.sort(key=lambda run: (by(run) is None, by(run) if by(run) is not None else 0))
    if args.json:
        print_json(known)
        return 0
    if not runs:
        say(f"No runs in {store.root()} yet. Start one: python -m cnngru train quick --data rowcue")
        return 0
    if not known:
        say(f"None of the {len(runs):,} runs in {store.root()} is like that.")
        return 0
    width = max(len(run["name"]) for run in known)
    for run in known:
        when = f"{datetime.fromtimestamp(run['created']):%Y-%m-%d %H:%M}"
        share = "" if run["accuracy"] is None else f"{run['accuracy']:.2%} {run['split']}"
        more = [one_line(run["title"]), "pinned" * run["pinned"], *(f"#{one_line(tag)}" for tag in run["tags"])]
        damaged = "damaged log" if run["damage"] else ""
        behind = "  ".join(part for part in (damaged, *more) if part)
        say(f"{run['name']:{width}}  {when}  {run['status']:11}  {run['data']:8}  {share:17}  {behind}".rstrip())
    return 0


def _wanted(run: Summary, args: argparse.Namespace) -> bool:
    return (
        (not args.status or run.status in args.status)
        and set(labels.plain_tags(args.tag or [])) <= set(run.labels.tags)
        and args.data in (None, run.config.data.name)
        and (run.labels.pinned or not args.pinned)
    )
