"""`python -m cnngru runs`: list, look at, stop, give away and delete runs. Imports no torch, so it answers at once."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from cnngru.cli import archive
from cnngru.cli.console import CommandError, add_json, command, one_line, print_json, say
from cnngru.runs import engines, index, store
from cnngru.runs.store import Run


def add(commands: Any) -> None:
    does = "list, look at, stop, export, import and delete runs"
    parser = command(commands, "runs", does, "python -m cnngru runs list")
    jobs = parser.add_subparsers(title="jobs", metavar="JOB", required=True)

    job = command(jobs, "list", "all runs, newest first", "python -m cnngru runs list --json")
    add_json(job)
    job.set_defaults(run=list_)

    job = command(jobs, "show", "one run: settings, state and figures", "python -m cnngru runs show NAME --json")
    job.add_argument("name")
    add_json(job)
    job.set_defaults(run=show)

    job = command(jobs, "stop", "end a run and keep its weights", "python -m cnngru runs stop NAME")
    job.add_argument("name")
    job.add_argument(
        "--force", action="store_true", help="kill it, when it does not listen; newest weights may be lost"
    )
    job.set_defaults(run=stop)

    archive.add(jobs)

    job = command(jobs, "delete", "remove a run's folder for good", "python -m cnngru runs delete NAME --yes")
    job.add_argument("name")
    job.add_argument("--yes", action="store_true", help="do not ask")
    job.set_defaults(run=delete)


def figures(run: Run) -> dict[str, Any]:
    """What is known of a run, as plain values. accuracy, loss, n and seconds are of the pictures that `split` names:
    the test pictures once it is finished, before that the latest validation, and None before the first. damage: what
    is wrong with its log, remark: what its engine has to say, None for nothing. reversed and shuffled are the test
    accuracy with the rows in another order, None in runs from before this was measured."""
    latest = run.last("finished") or run.last("validated") or {}
    step = run.last("progress") or {}
    return {
        "name": run.name,
        "folder": str(run.folder),
        "status": run.status,
        "damage": run.damage or None,
        "remark": run.remark or None,
        "created": run.created_at,
        "data": run.config.data.name,
        "preset": run.config.preset,
        "step": step.get("step"),
        "steps": step.get("steps"),
        "split": {"finished": "test", "validated": "validation"}.get(latest.get("kind", "")),
        **{key: latest.get(key) for key in ("accuracy", "loss", "n", "seconds", "reversed", "shuffled")},
    }


def number(value: float | None, form: str) -> str:
    """A figure as text, "–" for one that could not be computed or was lost."""
    return "–" if value is None else format(value, form)


def list_(args: argparse.Namespace) -> int:
    known = [figures(run) for run in index.summaries()]
    if args.json:
        print_json(known)
        return 0
    if not known:
        say(f"No runs in {store.root()} yet. Start one: python -m cnngru train quick --data rowcue")
        return 0
    width = max(len(run["name"]) for run in known)
    for run in known:
        when = f"{datetime.fromtimestamp(run['created']):%Y-%m-%d %H:%M}"
        share = "" if run["accuracy"] is None else f"{run['accuracy']:.2%} {run['split']}"
        damaged = "  damaged log" if run["damage"] else ""
        say(f"{run['name']:{width}}  {when}  {run['status']:11}  {run['data']:8}  {share}{damaged}".rstrip())
    return 0


def show(args: argparse.Namespace) -> int:
    run = store.get(args.name)
    said = figures(run)
    if args.json:
        print_json({**said, "config": json.loads(run.config.to_json()), "events": len(run.events)})
        return 0
    say(f"{run.name}: {run.status}")
    say(f"  folder    {run.folder}")
    if said["step"]:
        say(f"  steps     {said['step']:,} of {said['steps']:,}")
    if said["accuracy"] is not None:
        say(f"  accuracy  {said['accuracy']:.2%} ({said['split']}), loss {number(said['loss'], '.4f')}")
    if said["reversed"] is not None and said["shuffled"] is not None:
        say(f"  rows      from the bottom up {said['reversed']:.2%}, in random order {said['shuffled']:.2%}")
    if run.remark:
        say(f"  remark    {run.remark}")
    if run.damage:
        say(f"  damage    {run.damage}")
    if reason := (run.events[-1] if run.events else {}).get("reason"):
        say(f"  reason    {reason}")
    for part in ("data", "model", "training"):
        say(
            f"  {part:9} "
            + ", ".join(f"{k} {one_line(str(v))}" for k, v in asdict(getattr(run.config, part)).items() if k != "convs")
        )
    return 0


def stop(args: argparse.Namespace) -> int:
    run = store.get(args.name)
    if not run.live:
        raise CommandError(f"{run.name} is not running: it is {run.status}. Nothing was changed.")
    engines.choose().stop(run.name, force=args.force)
    say(f"{run.name} is asked to stop.")
    return 0


def delete(args: argparse.Namespace) -> int:
    run = store.get(args.name)
    if not args.yes:
        if sys.stdin is None or not sys.stdin.isatty():
            raise CommandError(f"Nothing was deleted. To remove {run.folder} for good, add --yes.")
        try:
            answer = input(f"Remove {run.folder} for good? [y/N] ")
        except EOFError:  # Ctrl-D
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            say("Nothing was deleted.")
            return 0
    store.delete(run.name)
    say(f"{run.name} is deleted.")
    return 0
