"""`python -m cnngru predict`: what a checkpoint sees in pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnngru.cli.console import CommandError, add_json, command, complain, print_json
from cnngru.pictures import KINDS

if TYPE_CHECKING:
    from cnngru.pictures import Picture


def add(commands: Any) -> None:
    parser = command(
        commands,
        "predict",
        "the most probable classes of pictures",
        "python -m cnngru predict checkpoints/NAME cat.jpg dog.png --top 3",
    )
    parser.add_argument("checkpoint", help="a run's folder, or a .safetensors file")
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help=KINDS)
    parser.add_argument("--top", type=count, default=5, metavar="K", help="how many classes to name (default: 5)")
    add_json(parser)
    parser.set_defaults(run=run)


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """A picture that cannot be read gets its sentence; the others get their answer all the same."""
    from cnngru import load
    from cnngru.predict import predict, top

    model = load(args.checkpoint)
    answers: list[dict[str, Any]] = []
    for path in args.pictures:
        try:
            picture = open_picture(path)
        except CommandError as error:
            complain(str(error))
            answers.append({"picture": path, "error": str(error)})
            continue
        best = top(predict(model, picture.tensor[None])[0], model.classes, args.top)
        answers.append(
            {"picture": path, "note": picture.note, "top": [{"class": c, "probability": p} for c, p in best]}
        )
        if not args.json:
            print(f"{path}" + (f" ({picture.note})" if picture.note else ""))
            for name, probability in best:
                print(f"  {probability:7.2%}  {name}")
    if args.json:
        print_json(answers)
    return int(any("error" in answer for answer in answers))


def open_picture(path: str) -> Picture:
    """Reads a picture's file; raises CommandError, which names it."""
    from cnngru.pictures import PictureError, read_picture

    try:
        return read_picture(Path(path).read_bytes(), path)
    except PictureError as error:
        raise CommandError(f"{path}: {error}") from error
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
