"""`python -m cnngru predict`: what a checkpoint sees in pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnngru.cli.console import (
    CommandError,
    add_checkpoint,
    add_json,
    command,
    complain,
    one_line,
    place,
    print_json,
    say,
)
from cnngru.pictures import KINDS

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.nn.classifier import CNNGRU
    from cnngru.pictures import Picture


LARGEST = 300_000_000  # bytes of a picture's file; 64 megapixels without compression have 270 million


def add(commands: Any) -> None:
    parser = command(
        commands,
        "predict",
        "the most probable classes of pictures",
        "python -m cnngru predict checkpoints/NAME cat.jpg dog.png --top 3",
    )
    add_checkpoint(parser)
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
    from cnngru.predict import top

    model = load(place(args.checkpoint))
    answers: list[dict[str, Any]] = []
    for path in args.pictures:
        try:
            picture = open_picture(path)
            best = top(answer(model, picture.tensor[None], path), model.classes, args.top)
        except CommandError as error:
            complain(str(error))
            answers.append({"picture": path, "error": str(error)})
            continue
        answers.append(
            {"picture": path, "note": picture.note, "top": [{"class": c, "probability": p} for c, p in best]}
        )
        if not args.json:
            say(one_line(path) + (f" ({picture.note})" if picture.note else ""))
            for name, probability in best:
                say(f"  {probability:7.2%}  {one_line(name)}")
    if args.json:
        print_json(answers)
    return int(any("error" in told for told in answers))


def answer(model: CNNGRU, images: Tensor, path: str) -> Tensor:
    """Probabilities (C,) of the one picture in images (1, 3, 32, 32) uint8. Raises CommandError where they are none."""
    from cnngru.predict import predict

    probabilities = predict(model, images)[0]
    if not probabilities.isfinite().all():
        raise CommandError(f"{path}: the model answers with no numbers. Its weights are too large, or damaged.")
    return probabilities


def open_picture(path: str) -> Picture:
    """Reads a picture's file; raises CommandError, which names it."""
    from cnngru.pictures import PictureError, read_picture

    try:
        with Path(path).open("rb") as file:  # a pipe perhaps, which has no end that could be looked at first
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise CommandError(f"{path}: The file is too large: at most {LARGEST // 10**6} MB are read.")
        return read_picture(data, path)
    except PictureError as error:
        raise CommandError(f"{path}: {error}") from error
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
