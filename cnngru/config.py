"""What a run is: three frozen dataclasses, validation, and the way to and from JSON. presets.py has ready ones.

Knows nothing of torch, files or screens, so every page can import it at no cost.
"""

from __future__ import annotations

import dataclasses
import json
import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints

from cnngru.cells import CELLS

PICTURE = 32  # height and width of every picture, in pixels
MOST_CONVS = 32


class ConfigError(ValueError):
    """A setting that cannot be used. The message says which, why, and what is allowed."""


def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def one_of(what: str, value: object, allowed: tuple[object, ...]) -> None:
    """Raises ConfigError, which names what there is, for a value that is none of `allowed`."""
    if value not in allowed:
        raise ConfigError(f"There is no {what} {_shown(value)}; choose one of {', '.join(map(str, allowed))}.")


def _between(what: str, value: float, low: float, high: float, unit: str = "") -> None:
    if not low <= value <= high:
        allowed = f"between {low:g} and {high:g} {unit}".rstrip()
        raise ConfigError(f"{what[0].upper()}{what[1:]} must lie {allowed}; got {_shown(value)}.")


@dataclass(frozen=True)
class DataConfig:
    """Which pictures, and how they are split and varied.

    name        "cifar10", "rowcue" (generated) or "folder" (a directory with one sub-directory a class)
    path        folder: that directory; cifar10: the directory that has the data or gets it ("" = $CNNGRU_DATA or data/)
    pictures    use at most this many training pictures (rowcue: generate this many); 0 = all (rowcue: 20,000)
    validation  share of the training pictures held out for the curves, 0 < share < 0.5
    flip        mirror training pictures left-right, every other epoch
    shift       move training pictures by up to this many pixels each way, 0 to 8, reflecting at the border
    cutout      cover a square of this many pixels a side in each training picture, 0 to 32; 0 = none
    seed        of the split and of the generator
    shuffle_labels  give the training and validation pictures each other's labels at random: a control that can learn
                nothing about the test pictures, whose labels stay true
    """

    name: Literal["cifar10", "rowcue", "folder"] = "cifar10"
    path: str = ""
    pictures: int = 0
    validation: float = 0.1
    flip: bool = True
    shift: int = 2
    cutout: int = 0
    seed: int = 0
    shuffle_labels: bool = False

    def __post_init__(self) -> None:
        one_of("data set", self.name, get_args(_hints(DataConfig)["name"]))
        if self.name == "folder" and not self.path:
            raise ConfigError("A folder of pictures needs its path: one sub-directory for each class.")
        if (shown := self.path.encode(errors="backslashreplace").decode()) != self.path:
            raise ConfigError(
                f"The path {shown} is no text (UTF-8), so a run cannot note it down. Rename what is not, or make a "
                "link to it that has a plain name."
            )
        _between("pictures", self.pictures, 0, 10_000_000)
        _between("validation share", self.validation, 0.01, 0.5)
        _between("shift", self.shift, 0, 8, unit="pixels")
        _between("cutout", self.cutout, 0, PICTURE, unit="pixels")


@dataclass(frozen=True)
class Conv:
    """One block of the encoder: convolution (odd kernel, "same" padding), max-pooling, normalisation, GELU.

    kernel, pool    (height, width) in pixels of that layer's input
    channels        filters
    """

    kernel: tuple[int, int]
    channels: int
    pool: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if len(self.kernel) != 2 or any(k not in (1, 3, 5, 7) for k in self.kernel):
            raise ConfigError(f"A convolution's kernel is (height, width), each 1, 3, 5 or 7; not {self.kernel}.")
        if len(self.pool) != 2 or any(p not in (1, 2, 4) for p in self.pool):
            raise ConfigError(f"A convolution's pooling is (height, width), each 1, 2 or 4; not {self.pool}.")
        _between("channels", self.channels, 1, 1024)


@dataclass(frozen=True)
class ModelConfig:
    """The network: an encoder that turns a picture into rows, recurrent layers that read them, a readout.

    encoder         "rows": whitening stem and `convs`, made so that a row's step sees few pixel rows;
                    "pixels": no encoder, the 32 rows of pixels themselves; "seed-cnn": the source document's three
                    convolutions, four rows that have seen 15 to 22 pixel rows (with cell "none": its three-layer head)
    stem_stride     stride of the frozen 2×2 whitening convolution, 1 or 2 (encoder "rows")
    convs           the encoder's blocks; few vertical kernels (encoder "rows")
    columns         what a row hands on of its W columns (encoder "rows"): "all": C channels of each, side by side;
                    "max": the largest value of each channel, wherever in the row it stands
    cell            "gru" (PyTorch's, reset after the product), "gru-textbook" (reset before it), "lstm", "rnn",
                    "mingru" (gates from the input alone), or "none": no recurrence, the head reads the mean over rows
    hidden          units H of each recurrent layer and direction
    layers          stacked recurrent layers L
    bidirectional   also read from the bottom row to the top one
    readout         "last": the state after the last row read; "mean": the mean of the states over all rows; "gated":
                    the source document's output o ⊙ y after the last row (cell "gru-textbook", one direction)
    keep_bias       initial bias of the gate that keeps the old state (update, or the LSTM's forget gate): above 0 the
                    state is kept at first
    """

    encoder: Literal["rows", "pixels", "seed-cnn"] = "rows"
    stem_stride: int = 1
    convs: tuple[Conv, ...] = (
        Conv((3, 3), 64, (2, 2)),
        Conv((3, 3), 64),
        Conv((3, 3), 256, (1, 2)),
        Conv((1, 3), 256),
        Conv((1, 3), 256, (1, 2)),
        Conv((1, 3), 256),
    )
    columns: Literal["all", "max"] = "all"
    cell: str = "gru"
    hidden: int = 224
    layers: int = 1
    bidirectional: bool = False
    readout: Literal["last", "mean", "gated"] = "mean"
    keep_bias: float = 1.0

    def __post_init__(self) -> None:
        hints = _hints(ModelConfig)
        one_of("encoder", self.encoder, get_args(hints["encoder"]))
        one_of("stem stride", self.stem_stride, (1, 2))
        one_of("columns", self.columns, get_args(hints["columns"]))
        one_of("cell", self.cell, (*CELLS, "none"))
        one_of("readout", self.readout, get_args(hints["readout"]))
        _between("hidden units", self.hidden, 1, 2048)
        _between("layers", self.layers, 1, 4)
        _between("keep bias", self.keep_bias, -20, 20)
        gated = self.cell in CELLS and bool(CELLS[self.cell].gated)
        if self.readout == "gated" and (not gated or self.bidirectional):
            raise ConfigError('The readout "gated" is the textbook GRU\'s: choose cell "gru-textbook", one direction.')
        if not 1 <= len(self.convs) <= MOST_CONVS:
            raise ConfigError(f"The encoder needs 1 to {MOST_CONVS} convolutions; got {len(self.convs)}.")
        height = width = (PICTURE - 2) // self.stem_stride + 1
        for conv in self.convs:
            height, width = height // conv.pool[0], width // conv.pool[1]
        if height < 1 or width < 1:
            raise ConfigError(f"The encoder pools the picture away: {height} rows × {width} columns remain.")


@dataclass(frozen=True)
class TrainingConfig:
    """How the weights are found.

    epochs          passes over the training pictures
    batch           pictures a step
    optimizer       "muon": Muon for convolutions and gates, AdamW for the rest; "adamw" or "adam" for all
    schedule        "one-cycle": the step sizes rise, then fall; "constant": they stay
    learning_rate   Adam's or AdamW's peak step size; AdamW moves biases five times as far
    muon_rate       Muon's peak step size for filters (each bank is renormalised, so it is a relative change)
    recurrent_rate  Muon's peak step size for the matrices of the recurrent layers, each gate's for itself
    weight_decay    AdamW's, on matrices only; "adam": added to their gradient
    label_smoothing share of the target spread over all classes, 0 to 0.5
    seed            of the initial weights, the order of the pictures and their variations
    device          "auto" (cuda, then mps, then cpu) or one of them
    precision       "auto": bfloat16 autocast where this machine computes it faster, else float32
    threads         CPU threads; 0 = as many as torch takes by itself, one for each core
    """

    epochs: int = 8
    batch: int = 500
    optimizer: Literal["muon", "adamw", "adam"] = "muon"
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    learning_rate: float = 3e-3
    muon_rate: float = 0.12
    recurrent_rate: float = 0.03
    weight_decay: float = 0.02
    label_smoothing: float = 0.2
    seed: int = 0
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    threads: int = 0

    def __post_init__(self) -> None:
        hints = _hints(TrainingConfig)
        for name in ("optimizer", "schedule", "device", "precision"):
            one_of(name, getattr(self, name), get_args(hints[name]))
        _between("epochs", self.epochs, 1, 1000)
        _between("batch", self.batch, 2, 10_000, unit="pictures")
        _between("learning rate", self.learning_rate, 1e-7, 10)
        _between("Muon's learning rate", self.muon_rate, 1e-7, 10)
        _between("Muon's recurrent rate", self.recurrent_rate, 1e-7, 10)
        _between("weight decay", self.weight_decay, 0, 10)
        _between("label smoothing", self.label_smoothing, 0, 0.5)
        _between("threads", self.threads, 0, 1024)


@dataclass(frozen=True)
class Config:
    """One run, whole: the same config, seed, machine and thread count give the same curve.

    preset is the name of the preset that it started from, "" when written by hand; it only labels the run.
    """

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    preset: str = ""

    def to_json(self) -> str:
        """The config as indented JSON; `from_json` gives an equal config back."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str | bytes) -> Config:
        """Reads what `to_json` wrote, bytes as UTF-8. Left-out settings take their defaults.

        Raises ConfigError for anything else, naming the setting.
        """
        try:
            values = read_json(text)
        except ConfigError as error:
            raise ConfigError(f"This is not a run's config: {error}.") from error
        return from_dict(Config, values)


def override(config: Config, setting: str, value: Any) -> Config:
    """A copy with one setting changed, named as in the JSON: `override(config, "training.epochs", 3)`.

    Raises ConfigError for an unknown setting or a value that it cannot take.
    """
    part_name, _, name = setting.partition(".")
    part = getattr(config, part_name, None)
    if not dataclasses.is_dataclass(part) or isinstance(part, type) or not name:
        raise ConfigError(f"There is no setting {_shown(setting)}; write it like training.epochs or model.hidden.")
    values = {**{f.name: getattr(part, f.name) for f in dataclasses.fields(part)}, name: value}
    return dataclasses.replace(config, **{part_name: from_dict(type(part), values, part_name)})


def read_json(text: str | bytes) -> Any:
    """The plain values of a JSON text, which may be a stranger's; bytes are UTF-8.

    Raises ConfigError, in a few words, for what is no JSON, nested without end, or gives one name twice.
    """
    try:
        return json.loads(
            text.decode("utf-8-sig") if isinstance(text, bytes) else text, object_pairs_hook=_each_name_once
        )
    except ConfigError:
        raise
    except RecursionError:
        raise ConfigError("its JSON is nested too deeply") from None
    except ValueError as error:
        raise ConfigError(f"not JSON ({error})") from error


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise ConfigError(f"{next(_shown(name) for name in names if names.count(name) > 1)} is given twice")
    return values


_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = 80


def _shown(value: object) -> str:
    """A value as it stands in a message: short, whatever somebody has written there."""
    try:
        return _BRIEF.repr(value)
    except ValueError:  # Python does not print a whole number of more than 4,300 digits
        return "a number of thousands of digits"


def from_dict(kind: Any, values: Any, where: str = "config") -> Any:
    """Builds the dataclass `kind` from plain JSON values, checking every name and type; raises ConfigError."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where}: expected settings by name, got {type(values).__name__}.")
    hints = _hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise ConfigError(f"{where}: unknown setting {_shown(unknown[0])}; there are {', '.join(hints)}.")
    needed = [f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING]
    missing = [name for name in needed if name not in values]
    if missing:
        raise ConfigError(f"{where}: the setting {missing[0]!r} is missing.")
    return kind(**{name: _coerce(hints[name], value, f"{where}.{name}") for name, value in values.items()})


def _coerce(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        return value if isinstance(value, hint) else from_dict(hint, value, where)  # type: ignore[arg-type]
    if origin is Literal:
        if value not in args:
            raise ConfigError(f"{where}: expected one of {', '.join(map(str, args))}; got {_shown(value)}.")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where}: expected a list, got {_shown(value)}.")
        inner = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
        if len(inner) != len(value):
            raise ConfigError(f"{where}: expected {len(inner)} values, got {len(value)}.")
        return tuple(_coerce(h, v, f"{where}[{i}]") for i, (h, v) in enumerate(zip(inner, value, strict=True)))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 10**300 else math.inf
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"{where}: expected {hint.__name__}, got {_shown(value)}.")
    return value
