"""`python -m cnngru trace`: every gate value of a checkpoint reading one picture."""

from __future__ import annotations

import argparse
from typing import Any

from cnngru.cli.console import CommandError, add_checkpoint, add_json, command, one_line, place, print_json, say
from cnngru.cli.outputs import out_path, writing
from cnngru.cli.predict import answer, open_picture
from cnngru.pictures import KINDS


def add(commands: Any) -> None:
    parser = command(
        commands,
        "trace",
        "what the gates do, row by row, while a picture is read",
        "python -m cnngru trace checkpoints/NAME cat.jpg --out trace.npz",
    )
    add_checkpoint(parser)
    parser.add_argument("picture", help=KINDS)
    parser.add_argument(
        "--out",
        metavar="FILE.npz",
        help="write a numpy archive of just this name: every gate by its own (update is keep) and hidden, each "
        "(layers, directions, 1, steps, units), and logits, bands and classes",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from cnngru import load, trace
    from cnngru.export.npz import trace_npz
    from cnngru.predict import top

    model = load(place(args.checkpoint))
    if model.config.cell == "none":
        raise CommandError(f"{args.checkpoint} has no recurrent layer, so it has no gates to show.")
    images = open_picture(args.picture).tensor[None]
    name, probability = top(answer(model, images, args.picture), model.classes, 1)[0]
    logits, gates = trace(model, images.float() / 255)
    out = None
    if args.out is not None:
        out = str(path := out_path(args.out, "trace.npz"))
        with writing(path) as file:
            file.write(trace_npz(gates, logits, model.classes))
    means = {word: gate.mean(dim=(0, 1, 2, 4)).tolist() for word, gate in gates.shares.items()}  # (T,) each
    steps = [
        {"step": t + 1, "band": band, **{word: mean[t] for word, mean in means.items()}}  # counted as on the page
        for t, band in enumerate(gates.bands.tolist())
    ]
    if args.json:
        print_json({"picture": args.picture, "class": name, "probability": probability, "steps": steps, "out": out})
        return 0
    say(f"{one_line(args.picture)}: {one_line(name)} ({probability:.2%})")
    say("step  pixel rows" + "".join(f"  mean {word}" for word in means) + ("" if means else "  (no gates)"))
    for step in steps:
        first, end = step["band"]
        values = "".join(f"  {step[word]:{5 + len(word)}.3f}" for word in means)
        say(f"{step['step']:4}  {f'{first}–{end - 1}':>10}{values}")
    if out:
        say(f"All values: {out}")
    return 0
