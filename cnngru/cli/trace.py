"""`python -m cnngru trace`: every gate value of a checkpoint reading one picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cnngru.cli.console import CommandError, add_json, command, print_json
from cnngru.cli.predict import open_picture


def add(commands: Any) -> None:
    parser = command(
        commands,
        "trace",
        "what the gates do, row by row, while a picture is read",
        "python -m cnngru trace checkpoints/NAME cat.jpg --out trace.npz",
    )
    parser.add_argument("checkpoint", help="a run's folder, or a .safetensors file")
    parser.add_argument("picture", help="PNG, JPEG, WEBP, GIF or BMP")
    parser.add_argument(
        "--out",
        metavar="FILE.npz",
        help="write reset, update (keep), candidate and hidden, each (layers, directions, 1, steps, units), "
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
    images = open_picture(args.picture).seen[None]
    logits, gates = trace(model, images.float() / 255)
    out = args.out and str(Path(args.out).with_suffix(".npz"))
    if out:
        np.savez_compressed(
            out,
            **{name: getattr(gates, name).numpy() for name in ("reset", "update", "candidate", "hidden", "bands")},
            logits=logits.numpy(),
            classes=np.array(model.classes),
        )
    keep, reset = (gate.mean(dim=(0, 1, 2, 4)).tolist() for gate in (gates.update, gates.reset))  # (T,) each
    steps = [
        {"step": t, "band": band, "keep": k, "reset": r}
        for t, (band, k, r) in enumerate(zip(gates.bands.tolist(), keep, reset, strict=True), start=1)  # as on the page
    ]
    name, probability = top(predict(model, images)[0], model.classes, 1)[0]
    if args.json:
        print_json({"picture": args.picture, "class": name, "probability": probability, "steps": steps, "out": out})
        return 0
    print(f"{args.picture}: {name} ({probability:.2%})")
    print("step  pixel rows  mean keep  mean reset")
    for step in steps:
        first, end = step["band"]
        print(f"{step['step']:4}  {f'{first}–{end - 1}':>10}  {step['keep']:9.3f}  {step['reset']:10.3f}")
    if out:
        print(f"All values: {out}")
    return 0
