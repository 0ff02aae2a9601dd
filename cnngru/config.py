"""What a run is: three frozen dataclasses, validation, and the way to and from JSON. presets.py has ready ones.

Knows nothing of torch, files or screens, so every page can import it at no cost.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from cnngru.cells import CELLS
from cnngru.schema import ConfigError as ConfigError
from cnngru.schema import check, former_names, from_dict, read_json, shown, within

PICTURE = 32  # height and width of every picture, in pixels
MOST_CONVS = 32
MOST_GENERATED = 1_000_000  # of RowCue's pictures: 3 GB, and as much again while they are made
# What can be changed while a run trains: numbers that the next step reads anew.
IN_FLIGHT = (
    "training.learning_rate",
    "training.label_smoothing",
    "training.epochs",
    "training.seconds",
    "training.until_accuracy",
    "training.patience",
    "data.shift",
    "data.cutout",
)
SEEDS = 2**53 - 1  # the largest seed: torch, numpy, JSON's readers and a browser's fields all take it as it is


@dataclass(frozen=True)
class DataConfig:
    """Which pictures, and how they are split and varied.

    name        "cifar10", "rowcue" (generated) or "folder" (one sub-folder a class)
    path        folder: that folder; cifar10: the folder that has the data or gets it ("" = $CNNGRU_DATA or data/)
    pictures    use at most this many training pictures (rowcue: generate this many); 0 = all (rowcue: 20,000)
    validation  share of the training pictures held out for the curves, 0.01 to 0.5
    flip        mirror training pictures left-right, every other epoch
    shift       move training pictures by up to this many pixels each way, 0 to 8, reflecting at the border
    cutout      cover a square of this many pixels a side in each training picture, 0 to 32; 0 = none
    seed        of the split and of the generator
    shuffle_labels  give the training and validation pictures each other's labels at random: a control that can learn
                nothing about the test pictures, whose labels stay true
    """

    name: Literal["cifar10", "rowcue", "folder"] = field(default="cifar10", metadata={"name": "data set"})
    path: str = ""
    pictures: int = field(default=0, metadata=within(0, 10_000_000))
    validation: float = field(default=0.1, metadata=within(0.01, 0.5, name="validation share"))
    flip: bool = True
    shift: int = field(default=2, metadata=within(0, 8, "pixels"))
    cutout: int = field(default=0, metadata=within(0, PICTURE, "pixels"))
    seed: int = field(default=0, metadata=within(0, SEEDS, name="the data's seed"))
    shuffle_labels: bool = False

    def __post_init__(self) -> None:
        check(self)
        if self.name == "folder" and not self.path:
            raise ConfigError("A folder of pictures needs its path: one sub-folder for each class.")
        if (shown := self.path.encode(errors="backslashreplace").decode()) != self.path:
            raise ConfigError(
                f"The path {shown} is no text (UTF-8), so a run cannot note it down. Rename what is not, or make a "
                "link to it that has a plain name."
            )
        if "\0" in self.path:
            raise ConfigError("The path has a character in it that no path can have (NUL).")
        if self.pictures == 1:
            raise ConfigError("One picture is too few to train on: choose 2 or more, or 0 for all.")
        if self.name == "rowcue" and self.pictures > MOST_GENERATED:
            raise ConfigError(f"RowCue is generated in memory: at most {MOST_GENERATED:,} pictures.")


@dataclass(frozen=True)
class Conv:
    """One block of the encoder: convolution (odd kernel, "same" padding), max-pooling, normalisation, GELU.

    kernel, pool    (height, width) in pixels of that layer's input
    channels        filters
    """

    kernel: tuple[int, int]
    channels: int = field(metadata=within(1, 1024))
    pool: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if len(self.kernel) != 2 or any(k not in (1, 3, 5, 7) for k in self.kernel):
            raise ConfigError(f"A convolution's kernel is (height, width), each 1, 3, 5 or 7; not {self.kernel}.")
        if len(self.pool) != 2 or any(p not in (1, 2, 4) for p in self.pool):
            raise ConfigError(f"A convolution's pooling is (height, width), each 1, 2 or 4; not {self.pool}.")
        check(self)


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
    stem_stride: int = field(default=1, metadata={"choices": (1, 2)})
    convs: tuple[Conv, ...] = (
        Conv((3, 3), 64, (2, 2)),
        Conv((3, 3), 64),
        Conv((3, 3), 256, (1, 2)),
        Conv((1, 3), 256),
        Conv((1, 3), 256, (1, 2)),
        Conv((1, 3), 256),
    )
    columns: Literal["all", "max"] = "all"
    cell: str = field(default="gru", metadata={"choices": (*CELLS, "none")})
    hidden: int = field(default=224, metadata=within(1, 2048, name="hidden units"))
    layers: int = field(default=1, metadata=within(1, 4))
    bidirectional: bool = False
    readout: Literal["last", "mean", "gated"] = "mean"
    keep_bias: float = field(default=1.0, metadata=within(-20, 20))

    def __post_init__(self) -> None:
        check(self)
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

    epochs          passes over the training pictures, at most
    seconds         end after so many seconds of training, wherever it is then; the schedule follows the clock, so such
                    a run cannot be repeated to the bit; 0 = no limit
    until_accuracy  end once the validation accuracy (0 to 1) is as high; 0 = not before the epochs are done
    patience        end when the validation accuracy has not got better for so many epochs; 0 = never
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
    threads         CPU threads, at most one for each core; 0 = as many as torch takes by itself
    """

    epochs: int = field(default=8, metadata=within(1, 1000))
    seconds: float = field(default=0.0, metadata=within(0, 10_000_000, name="time limit"))
    until_accuracy: float = field(default=0.0, metadata=within(0, 1, name="accuracy to end at"))
    patience: int = field(default=0, metadata=within(0, 1000, "epochs"))
    batch: int = field(default=500, metadata=within(2, 10_000, "pictures"))
    optimizer: Literal["muon", "adamw", "adam"] = "muon"
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    learning_rate: float = field(default=3e-3, metadata=within(1e-7, 10))
    muon_rate: float = field(default=0.12, metadata=within(1e-7, 10, name="Muon's learning rate"))
    recurrent_rate: float = field(default=0.03, metadata=within(1e-7, 10, name="Muon's recurrent rate"))
    weight_decay: float = field(default=0.02, metadata=within(0, 10))
    label_smoothing: float = field(default=0.2, metadata=within(0, 0.5))
    seed: int = field(default=0, metadata=within(0, SEEDS, name="the training's seed"))
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    threads: int = field(default=0, metadata=within(0, 1024))

    def __post_init__(self) -> None:
        check(self)


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
        raise ConfigError(f"There is no setting {shown(setting)}; write it like training.epochs or model.hidden.")
    name = former_names(type(part)).get(name, name)
    values = {**{f.name: getattr(part, f.name) for f in dataclasses.fields(part)}, name: value}
    return dataclasses.replace(config, **{part_name: from_dict(type(part), values, part_name)})


def changed(before: Config, after: Config) -> list[tuple[str, Any, Any]]:
    """(setting, value before, value after) of all that differs, settings named as in the JSON: "training.epochs"."""
    differs = []
    for part in ("data", "model", "training"):
        one, other = getattr(before, part), getattr(after, part)
        for setting in dataclasses.fields(one):
            values = getattr(one, setting.name), getattr(other, setting.name)
            if values[0] != values[1]:
                differs.append((f"{part}.{setting.name}", *values))
    return differs
