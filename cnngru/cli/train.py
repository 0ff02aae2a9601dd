"""`python -m cnngru train`: starts a run, and by default stays to watch it.

The run is the same as one started in the browser: a folder, filled by a worker process of its own. Watching only reads
the folder, so closing the terminal does not hurt it; Ctrl-C asks it to stop and keeps the weights.
"""

from __future__ import annotations

import argparse
import signal
import time
from dataclasses import fields
from typing import Any

from cnngru.cli import forecast
from cnngru.cli.console import (
    CommandError,
    Show,
    add_json,
    add_pictures,
    command,
    complain,
    print_json,
    progress,
    say,
    setting,
    shell,
)
from cnngru.cli.figures import figures, number
from cnngru.config import DataConfig, ModelConfig, TrainingConfig, override
from cnngru.presets import PRESETS, preset
from cnngru.runs import engines, foretold, index, store
from cnngru.runs.engines import Engine
from cnngru.runs.store import Run
from cnngru.schema import allowed

LOOK_EVERY = 0.25  # seconds


def add(commands: Any) -> None:
    parser = command(
        commands,
        "train",
        "train a model; the result is a folder under checkpoints/",
        "python -m cnngru train quick --data rowcue --set training.epochs=3 --set model.hidden=64",
    )
    parser.add_argument("preset", nargs="?", choices=tuple(PRESETS), help="default: quick")
    add_pictures(parser, default="cifar10")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=setting,
        metavar="SETTING=VALUE",
        dest="settings",
        help="change one setting, named as below and in a run's config.json; may be given several times",
    )
    parser.add_argument("--name", help="the run's name: small letters, digits and dashes (default: made up)")
    parser.add_argument(
        "--forecast",
        action="store_true",
        help="say how long it would take here, and start nothing; without a preset and --set, of every preset",
    )
    parser.add_argument("--background", action="store_true", help="start it, print its name and return")
    add_json(parser)
    parser.epilog = f"{parser.epilog}\n\nsettings:\n{listed_settings()}"
    parser.set_defaults(run=run)


def listed_settings() -> str:
    """Each setting that --set knows, one a line, with what it may be."""
    parts = {"data": DataConfig, "model": ModelConfig, "training": TrainingConfig}
    told = {f"{part}.{f.name}": allowed(kind, f.name) for part, kind in parts.items() for f in fields(kind)}
    return "\n".join(f"  {name:24} {values}" for name, values in told.items())


def run(args: argparse.Namespace) -> int:
    config = preset(args.preset or "quick", args.data, args.path)
    for name, value in args.settings:
        config = override(config, name, value)
    if args.forecast:
        each = not args.preset and not args.settings
        return forecast.say_times(
            [preset(name, args.data, args.path) for name in PRESETS] if each else [config], args.json
        )
    takes = forecast.note_before(config)
    engine = engines.choose()
    name = engine.start(config, args.name)
    foretold.keep(name, takes)
    if args.background:
        print_json({"name": name}) if args.json else say(name)
        return 0
    done = watch(engine, name, hidden=args.json)
    for note in (done.last("started") or {}).get("notes", ()):
        complain(note)
    if args.json:
        print_json(figures(done))
    if done.status != "finished":
        raise CommandError(ended(done))
    if not args.json:
        end = figures(done)
        accuracy, loss = number(end["accuracy"], ".2%"), number(end["loss"], ".4f")
        say(f"{name}: test accuracy {accuracy}, loss {loss}, {number(end['seconds'], '.0f')} s")
        say(f"Try it: {shell('python', '-m', 'cnngru', 'predict', done.folder, 'PICTURE')}")
    return 0


def watch(engine: Engine, name: str, hidden: bool) -> Run:
    """Draws a run's progress until it is over. Ctrl-C, or a SIGTERM, stops the run; a second Ctrl-C stops watching."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    takes = forecast.in_words(store.get(name))
    complain(f"Training {name}{takes} (Ctrl-C stops it and keeps its weights)")
    if any(other.live and other.name != name for other in index.summaries()):
        complain("Other runs are at work: this one may have to wait for its turn.")
    with progress(hidden) as show:
        try:
            return draw_until_over(name, show)
        except KeyboardInterrupt:
            complain(f"Stopping {name} ... (Ctrl-C again leaves it alone with that)")
            engine.stop(name)
            return draw_until_over(name, show)


def draw_until_over(name: str, show: Show) -> Run:
    """Until no worker has the run any more. Draws the data while they are fetched, then the training."""
    while (now := store.get(name)).live:
        draw(now, show)
        time.sleep(LOOK_EVERY)
    draw(now, show)
    return now


def draw(run: Run, show: Show) -> None:
    if at := run.last("testing"):
        show(at["done"], at["total"], "Testing")
    elif at := run.last("progress"):
        held_out = (run.last("validated") or {}).get("accuracy")
        beside = {"loss": at["loss"], "accuracy": at["accuracy"], "validation": held_out}
        told = [f"{what} {value:.3f}" for what, value in beside.items() if value is not None]
        show(at["step"], at["steps"], "Training", ", ".join([*told, *forecast.beside_truth(run)]))
    elif data := run.last("data"):
        show(data["done"], data["total"], data["what"])


def ended(run: Run) -> str:
    """Why a run that is over did not finish, and what is left of it, in words."""
    reason = run.events[-1].get("reason", "") if run.events else ""
    if run.status == "interrupted":
        reason = run.remark or f"Its worker died; {run.folder / 'worker.log'} may say why."
    kept = "The weights saved last are kept." if run.has_model else "There were no weights to keep yet."
    return f"{run.name}: {run.status}. {reason} {kept} Its folder: {run.folder}"
