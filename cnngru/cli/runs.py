"""`python -m cnngru runs`: what can be done with runs. Imports no torch, so it answers at once."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from cnngru.cli import archive, listing, notes, prune, steer, watch
from cnngru.cli.console import CommandError, add_json, command, confirmed, one_line, print_json, say
from cnngru.cli.figures import figures, number
from cnngru.runs import engines, family, store


def add(commands: Any) -> None:
    does = "list, look at, watch, steer, continue, name, note, tag, pin, export, import and delete runs"
    parser = command(commands, "runs", does, "python -m cnngru runs list")
    jobs = parser.add_subparsers(title="jobs", metavar="JOB", required=True)

    listing.add(jobs)

    job = command(jobs, "show", "one run: settings, state and figures", "python -m cnngru runs show NAME --json")
    job.add_argument("name")
    add_json(job)
    job.set_defaults(run=show)

    job = command(jobs, "stop", "end a run and keep its weights", "python -m cnngru runs stop NAME")
    job.add_argument("name")
    job.add_argument(
        "--force", action="store_true", help="kill it, when it does not listen; newest weights may be lost"
    )
    add_json(job)
    job.set_defaults(run=stop)

    watch.add(jobs)
    steer.add(jobs)
    notes.add(jobs)
    archive.add(jobs)

    job = command(jobs, "delete", "remove a run's folder for good", "python -m cnngru runs delete NAME --yes")
    job.add_argument("name")
    job.add_argument("--yes", action="store_true", help="do not ask")
    add_json(job)
    job.set_defaults(run=delete)

    prune.add(jobs)


def show(args: argparse.Namespace) -> int:
    run = store.get(args.name)
    said = figures(run)
    if args.json:
        origin = family.read(run.folder)
        parent = {"parent": origin.run, "parent_step": origin.step} if origin else {}
        kept = {"kept_step": run.kept_step, "changes": run.changes()}
        print_json({**said, **kept, **parent, "config": json.loads(run.config.to_json()), "events": len(run.events)})
        return 0
    say(f"{run.name}: {run.status}{', pinned' if said['pinned'] else ''}")
    if run.title:
        say(f"  title     {one_line(run.title)}")
    if said["tags"]:
        say(f"  tags      {' '.join(map(one_line, said['tags']))}")
    for at, line in enumerate(said["note"].splitlines()):
        say(f"  {'' if at else 'note':9} {line}")
    say(f"  folder    {run.folder}")
    if said["step"]:
        say(f"  steps     {said['step']:,} of {said['steps']:,}")
    if said["accuracy"] is not None:
        say(f"  accuracy  {said['accuracy']:.2%} ({said['split']}), loss {number(said['loss'], '.4f')}")
    if said["reversed"] is not None and said["shuffled"] is not None:
        say(f"  rows      from the bottom up {said['reversed']:.2%}, in random order {said['shuffled']:.2%}")
    if run.remark:
        say(f"  remark    {run.remark}")
    for change in run.changes():
        say(f"  changed   {change['setting']} {change['before']:g} -> {change['after']:g} at step {change['step']}")
    if origin := family.read(run.folder):
        say(f"  parent    {origin.run}, at step {origin.step:,}")
    if run.can_resume and run.kept_step is not None:
        say(f"  kept      step {run.kept_step:,}: python -m cnngru runs resume {run.name}")
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
    print_json({"name": run.name, "do": "stop"}) if args.json else say(f"{run.name} is asked to stop.")
    return 0


def delete(args: argparse.Namespace) -> int:
    run = store.get(args.name)
    what = f"{run.folder} for good"
    if not confirmed(args.yes, f"Remove {what}?", f"Nothing was deleted. To remove {what}"):
        return 0
    store.delete(run.name)
    print_json({"name": run.name, "do": "delete"}) if args.json else say(f"{run.name} is deleted.")
    return 0
