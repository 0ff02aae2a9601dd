"""`python -m cnngru evaluate`: accuracy and loss of a checkpoint."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from cnngru.cli.console import (
    CommandError,
    add_checkpoint,
    add_json,
    add_pictures,
    command,
    complain,
    one_line,
    place,
    print_json,
    progress,
    say,
)
from cnngru.config import ConfigError, DataConfig
from cnngru.presets import preset
from cnngru.runs.run import read


def add(commands: Any) -> None:
    parser = command(
        commands,
        "evaluate",
        "accuracy and loss of a checkpoint, and what it owes to the order of the rows",
        "python -m cnngru evaluate checkpoints/NAME --data cifar10 --json",
    )
    add_checkpoint(parser)
    add_pictures(parser, default=None)
    parser.add_argument("--split", choices=("test", "validation", "train"), default="test", help="default: test")
    parser.add_argument(
        "--views",
        action="store_true",
        help="also average over up to six views of each picture: mirrored and moved by a pixel, as in its training",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from cnngru import data, load
    from cnngru.training.device import choose_device
    from cnngru.training.evaluate import evaluate

    checkpoint = place(args.checkpoint)
    model = load(checkpoint)
    pictures = data_config(checkpoint, args.data, args.path)
    with progress(args.json) as show:
        dataset = data.load(pictures, show)
        for note in dataset.notes:
            complain(note)
        if dataset.classes != model.classes:
            raise CommandError(
                f"{args.checkpoint} tells {_listed(model.classes)} apart, but {dataset.name} shows "
                f"{_listed(dataset.classes)}. Choose the data set that it was trained on, with --data."
            )
        split = getattr(dataset, args.split)
        model.to(choose_device("auto"))
        result = evaluate(model, split, progress=lambda done, total: show(done, total, "Evaluating"), orders=True)
        if args.views:
            averaged = evaluate(
                model, split, progress=lambda done, total: show(done, total, "Evaluating more views"), views=pictures
            )
    if args.json:
        names = ("accuracy", "loss", "n", "seconds", "reversed", "shuffled")
        figures = {key: getattr(result, key) for key in names}
        if args.views:
            figures["views"] = {key: getattr(averaged, key) for key in ("accuracy", "loss", "seconds")}
        print_json({"checkpoint": args.checkpoint, "data": dataset.name, "split": args.split, **figures})
        return 0
    say(
        f"{dataset.name}, {result.n:,} {args.split} pictures: accuracy {result.accuracy:.2%}, "
        f"loss {result.loss:.4f} ({result.seconds:.1f} s)"
    )
    say(f"  rows from the bottom up {result.reversed:.2%}, in random order {result.shuffled:.2%}")
    if args.views:
        say(f"  averaged over views: accuracy {averaged.accuracy:.2%}, loss {averaged.loss:.4f}")
    return 0


def data_config(checkpoint: Path, name: str | None, path: str) -> DataConfig:
    """The pictures to look at: those of the checkpoint's own run (same split, same seed) unless others are named."""
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    own: DataConfig | None = None
    try:
        own = read(folder).config.data
    except FileNotFoundError:
        pass
    except (OSError, ConfigError) as error:
        if name is None:
            raise CommandError(f"{folder / 'config.json'}: {error} Name the pictures with --data.") from error
    if own and name in (None, own.name):
        return dataclasses.replace(own, path=path or own.path)
    if name is None:
        raise CommandError(f"{checkpoint} does not say which pictures it was trained on: name them with --data.")
    return preset("quick", name, path).data  # varied as this data set may be


def _listed(classes: tuple[str, ...]) -> str:
    shown = ", ".join(map(one_line, classes[:3])) + (", …" if len(classes) > 3 else "")
    return f"{len(classes)} classes ({shown})"
