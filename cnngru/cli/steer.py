"""`python -m cnngru runs pause|resume|step|slow|set|fork`: steering a run from the terminal, as a page does.

A command is a file in the run's folder; whoever works on the run carries it out between two steps. Imports no torch.
"""

from __future__ import annotations

import argparse
from typing import Any

from cnngru.cli.console import CommandError, add_json, command, print_json, say, setting
from cnngru.config import IN_FLIGHT, Config, override
from cnngru.runs import commands as given
from cnngru.runs import engines, family, store
from cnngru.runs.commands import MOST_STEPS, SLOWEST, Command
from cnngru.runs.store import Run


def add(jobs: Any) -> None:
    job = _job(jobs, "pause", "hold a run after the step it is in", "python -m cnngru runs pause NAME", pause)
    job.add_argument("--free", action="store_true", help="give its place to other runs: its worker ends")

    _job(jobs, "resume", "go on with a run that is paused, stopped or interrupted", "… resume NAME", resume)

    job = _job(jobs, "step", "take single steps, and hold then", "python -m cnngru runs step NAME 3", step)
    job.add_argument("steps", nargs="?", type=_whole(1, MOST_STEPS), default=1, help="how many (default: 1)")

    job = _job(jobs, "slow", "slow motion: a pause before each step", "python -m cnngru runs slow NAME 500", slow)
    job.add_argument("milliseconds", type=_whole(0, SLOWEST), help="0 for full speed")

    does = "change settings while it trains, from the next step on"
    job = _job(jobs, "set", does, "python -m cnngru runs set NAME training.learning_rate=0.001", set_)
    job.add_argument("settings", nargs="+", type=setting, metavar="SETTING=VALUE", help=", ".join(IN_FLIGHT))

    does = "continue a run from one of its moments as a new run"
    job = _job(jobs, "fork", does, "python -m cnngru runs fork NAME --step 90 --set training.epochs=12", fork)
    job.add_argument("--step", type=int, help="the last kept moment before that step (default: the newest)")
    job.add_argument(
        "--set", action="append", default=[], type=setting, metavar="SETTING=VALUE", dest="settings",
        help="what is another from there on; may be given several times",
    )  # fmt: skip
    job.add_argument("--name", help="the new run's name: small letters, digits and dashes (default: made up)")


def _job(jobs: Any, name: str, does: str, example: str, run: Any) -> argparse.ArgumentParser:
    job: argparse.ArgumentParser = command(jobs, name, does, example.replace("…", "python -m cnngru runs"))
    job.add_argument("name" if name != "fork" else "parent", metavar="NAME")
    add_json(job)
    job.set_defaults(run=run)
    return job


def _whole(low: int, high: int) -> Any:
    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high:,}")
        return int(text)

    return read


def pause(args: argparse.Namespace) -> int:
    return _give(args, _at_work(args.name), "pause", Command("pause", free=args.free))


def resume(args: argparse.Namespace) -> int:
    run = store.get(args.name)
    if run.live:
        return _give(args, run, "go on", Command("resume"))
    engines.choose().resume(run.name)
    return _said(args, run, "resume", f"{run.name} goes on from step {run.kept_step or 0:,}, when its turn comes.")


def step(args: argparse.Namespace) -> int:
    run, asked = store.get(args.name), Command("step", value=args.steps)
    many = "1 step" if args.steps == 1 else f"{args.steps} steps"
    if run.live:
        return _give(args, run, f"take {many}", asked)
    engines.choose().resume(run.name, asked)
    return _said(args, run, "step", f"{run.name} takes {many} when its turn comes, and is held then.")


def slow(args: argparse.Namespace) -> int:
    run = _at_work(args.name)
    return _give(args, run, f"wait {args.milliseconds} ms before each step", Command("slow", value=args.milliseconds))


def set_(args: argparse.Namespace) -> int:
    run = _at_work(args.name)
    now = run.now
    for name, value in args.settings:
        if name not in IN_FLIGHT:
            raise CommandError(
                f"{name} cannot be changed while a run trains; {', '.join(IN_FLIGHT)} can. For others continue it as a "
                f"new run: python -m cnngru runs fork {run.name} --set {name}={value}"
            )
        now = override(now, name, value)  # what is wrong is told here, and nothing is asked then
    for name, value in args.settings:
        given.give(run.folder, Command("set", name, value))
    said = ", ".join(f"{name} {value}" for name, value in args.settings)
    return _said(args, run, "set", f"{run.name} is asked for {said}, from its next step on.")


def fork(args: argparse.Namespace) -> int:
    run = store.get(args.parent)
    points = family.points(run)
    newest = points[-1].step if points else 0
    point = family.nearest(points, newest if args.step is None else args.step)
    if point is None:
        raise CommandError(f"{run.name} has kept nothing that could be continued from. Start a new run instead.")
    config: Config = run.now
    for name, value in args.settings:
        config = override(config, name, value)
    family.check(run, config)
    made = engines.choose().start(config, args.name, lambda folder: family.write(folder, run, point))
    if args.json:
        print_json({"name": made, "parent": run.name, "step": point.step, "whole": point.whole})
    else:
        alone = "" if point.whole else ", from its weights alone"
        say(f"{made} goes on from step {point.step:,} of {run.name}{alone}.")
    return 0


def _at_work(name: str) -> Run:
    run = store.get(name)
    if not run.live:
        raise CommandError(f"{run.name} is not at work: it is {run.status}. Nothing was changed.")
    return run


def _give(args: argparse.Namespace, run: Run, does: str, asked: Command) -> int:
    given.give(run.folder, asked)
    return _said(args, run, asked.do, f"{run.name} is asked to {does}.")


def _said(args: argparse.Namespace, run: Run, do: str, sentence: str) -> int:
    if args.json:
        print_json({"name": run.name, "do": do})
    else:
        say(sentence)
    return 0
