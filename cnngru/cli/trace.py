"""`python -m cnngru trace`: every gate value of a checkpoint reading one picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cnngru.cli.console import CommandError, add_json, command, print_json
from cnngru.cli.predict import open_picture
from cnngru.pictures import KINDS


def add(commands: Any) -> None:
    parser = command(
        commands,
        "trace",
        "what the gates do, row by row, while a picture is read",
        "python -m cnngru trace checkpoints/NAME cat.jpg --out trace.npz",
    )
    parser.add_argument("checkpoint", help="a run's folder, or a .safetensors file")
    parser.add_argument("picture", help=KINDS)
    parser.add_argument(
        "--out",
        metavar="FILE.npz",
        help="write every gate by its name (update is keep) and hidden, each (layers, directions, 1, steps, units), "
        "and logits, bands and classes",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import numpy as np

    from cnngru import load, trace
    from cnngru.predict import predict, top

    model = load(args.checkpoint)
    if model.config.cell == "none":
        raise CommandError(f"{args.checkpoint} has no recurrent layer, so it has no gates to show.")
    images = open_picture(args.picture).tensor[None]
    logits, gates = trace(model, images.float() / 255)
    out = args.out and str(Path(args.out).with_suffix(".npz"))
    if out:
        arrays: dict[str, Any] = {name: value.numpy() for name, value in gates.gates.items()}
        arrays |= {"hidden": gates.hidden.numpy(), "bands": gates.bands.numpy(), "logits": logits.numpy()}
        np.savez_compressed(out, classes=np.array(model.classes), **arrays)
    means = {word: gate.mean(dim=(0, 1, 2, 4)).tolist() for word, gate in gates.shares.items()}  # (T,) each
    steps = [
        {"step": t + 1, "band": band, **{word: mean[t] for word, mean in means.items()}}  # counted as on the page
        for t, band in enumerate(gates.bands.tolist())
    ]
    name, probability = top(predict(model, images)[0], model.classes, 1)[0]
    if args.json:
        print_json({"picture": args.picture, "class": name, "probability": probability, "steps": steps, "out": out})
        return 0
    print(f"{args.picture}: {name} ({probability:.2%})")
    print("step  pixel rows" + "".join(f"  mean {word}" for word in means) + ("" if means else "  (no gates)"))
    for step in steps:
        first, end = step["band"]
        values = "".join(f"  {step[word]:{5 + len(word)}.3f}" for word in means)
        print(f"{step['step']:4}  {f'{first}–{end - 1}':>10}{values}")
    if out:
        print(f"All values: {out}")
    return 0
