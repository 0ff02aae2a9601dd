"""`python -m cnngru export`: a network, its curves or its whole recipe, for other programs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnngru.cli.console import CommandError, add_json, command, place, print_json, say
from cnngru.cli.outputs import out_path, writing
from cnngru.config import ConfigError
from cnngru.runs.run import CONFIG, Run, read

ENDS = {"onnx": ".onnx", "program": ".pt2", "tensorboard": "-tensorboard", "csv": ".csv", "script": ".py"}


def add(commands: Any) -> None:
    parser = command(
        commands,
        "export",
        "a network, its curves or its whole recipe, for other programs",
        "python -m cnngru export cifar10-best --to onnx --gates",
    )
    parser.add_argument("checkpoint", help="a run's name or folder, or a .safetensors file")
    parser.add_argument(
        "--to",
        required=True,
        choices=ENDS,
        help="onnx: images (any batch, 3, 32, 32) in 0..1 -> logits and probabilities; program: the same for "
        "torch.export; tensorboard: a folder with the curves; csv: the log, a row an event; script: network and "
        "recipe as one file of plain PyTorch",
    )
    parser.add_argument("--gates", action="store_true", help="onnx, program: also every gate and state as an output")
    parser.add_argument("--out", metavar="FILE", help="default: the run's name, here")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.gates and args.to not in ("onnx", "program"):
        raise CommandError(f"--gates belongs to onnx and program: there are none in {args.to}.")
    path = place(args.checkpoint)
    name = path.name.removesuffix(".safetensors")
    out = args.out and os.path.expanduser(args.out)
    if args.to == "tensorboard":
        target = _tensorboard(path, Path(out or f"{name}{ENDS[args.to]}"))
    else:
        target = out_path(out, f"{name}{ENDS[args.to]}")
        data = FILES[args.to](path, args)
        with writing(target) as file:
            file.write(data)
    if args.json:
        print_json({"checkpoint": str(path), "to": args.to, "gates": args.gates, "out": str(target)})
    else:
        say(f"{args.checkpoint}: {target}")
    return 0


def _network(path: Path, args: argparse.Namespace) -> bytes:
    from cnngru import load
    from cnngru.export import network

    make = {"onnx": network.to_onnx, "program": network.to_program}[args.to]
    return make(load(path), args.gates)


def _csv(path: Path, args: argparse.Namespace) -> bytes:
    from cnngru.export.curves import to_csv

    return to_csv(_run_of(path).events).encode()


def _script(path: Path, args: argparse.Namespace) -> bytes:
    from cnngru.export.script import script

    found = _run_of(path)
    return script(found.config, found.name, found.title, found.last("finished")).encode()


def _tensorboard(path: Path, folder: Path) -> Path:
    from cnngru.export.curves import to_tensorboard

    found = _run_of(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CommandError(f"{folder} is there already, and TensorBoard would show both. Choose another with --out.")
    to_tensorboard(found.events, folder, {"name": found.called, "config.json": f"```\n{found.config.to_json()}```"})
    return folder


def _run_of(path: Path) -> Run:
    """The run whose folder, or a file of whose, was named. Raises CommandError for a model alone."""
    folders = [folder for folder in (path, path.parent, path.parent.parent) if (folder / CONFIG).is_file()]
    try:
        return read(folders[0])
    except (IndexError, OSError, ConfigError) as error:
        why = "there is no config.json beside it" if isinstance(error, IndexError) else str(error)
        raise CommandError(f"{path} is no run, so there is nothing known of its training: {why}.") from error


FILES: dict[str, Callable[[Path, argparse.Namespace], bytes]] = {
    "onnx": _network,
    "program": _network,
    "csv": _csv,
    "script": _script,
}
