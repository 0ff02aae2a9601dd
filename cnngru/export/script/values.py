"""What a run puts into its script: the values of its settings, and the flags that say which lines it has."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from cnngru.cells import CELLS
from cnngru.config import PICTURE, Config, ModelConfig
from cnngru.data.rowcue import TEST, TRAIN
from cnngru.export import ExportError
from cnngru.nn.size import CHANNELS, PLACES

LAYERS = {"gru": "nn.GRU", "lstm": "nn.LSTM", "rnn": "nn.RNN"}  # PyTorch's; the script has the others itself
BLOCKS = {"gru": "r | z | n", "lstm": "i | f | g | o", "gru-textbook": "z | r | h̃", "mingru": "keep | n"}
WIDTH = 118  # of a line of the script's first text
# Of PyTorch's cells; the script's own say theirs themselves.
EQUATIONS = {
    "gru": """
    r = σ(W_ir x + b_ir + W_hr h⁻ + b_hr)            reset
    z = σ(W_iz x + b_iz + W_hz h⁻ + b_hz)            update: 1 keeps the old state
    n = tanh(W_in x + b_in + r ⊙ (W_hn h⁻ + b_hn))   candidate
    h = (1 − z) ⊙ n + z ⊙ h⁻                         hidden state
""",
    "lstm": """
    i, f, o = σ(W_i, W_f, W_o · [h⁻, x])             input, forget (1 keeps the old cell state), output
    g = tanh(W_g · [h⁻, x])                          candidate
    c = f ⊙ c⁻ + i ⊙ g                               cell state
    h = o ⊙ tanh(c)                                  hidden state
""",
    "rnn": """
    h = tanh(W_i x + b_i + W_h h⁻ + b_h)             hidden state
""",
}
ENDS = {
    "until-accuracy": "accuracy >= UNTIL_ACCURACY",
    "patience": "worse >= PATIENCE",
    "seconds": "spent >= SECONDS",
}
DATA = {
    "cifar10": "It learns from CIFAR-10, 170 MB that are downloaded once.",
    "rowcue": "It learns from RowCue, pictures generated here, whose class cannot be told without memory: of three "
    "cues only the topmost counts.",
}


def flags(config: Config) -> set[str]:
    """The names by which template.txt asks for lines."""
    data, model, training = config.data, config.model, config.training
    recurrent = model.cell != "none"
    last = recurrent and model.readout != "mean"
    muon = training.optimizer == "muon"
    found = {data.name, model.encoder, model.cell, training.optimizer, training.schedule}
    found.add("precision-auto" if training.precision == "auto" else training.precision)
    asked = {
        "flip": data.flip,
        "shift": data.shift > 0,
        "cutout": data.cutout > 0,
        "varied": data.flip or data.shift > 0 or data.cutout > 0,
        "shuffle-labels": data.shuffle_labels,
        "seconds": training.seconds > 0,
        "until-accuracy": training.until_accuracy > 0,
        "patience": training.patience > 0,
        "auto": training.device == "auto",
        "recurrent": recurrent,
        "own-cell": recurrent and model.cell not in LAYERS,
        "keeps": recurrent and bool(CELLS[model.cell].keeps),
        "gated": model.readout == "gated",
        "bidirectional": recurrent and model.bidirectional,
        "strongest": model.columns == "max",
        "three-layers": not recurrent and model.encoder == "seed-cnn",
        "mean": not last and not (not recurrent and model.encoder == "seed-cnn"),
        "last-down": last and not model.bidirectional,
        "last-both": last and model.bidirectional,
        "muon-filters": muon and model.encoder != "pixels",
        "muon-gates": muon and recurrent,
        "muon-any": muon and (model.encoder != "pixels" or recurrent),
    }
    return found | {name for name, is_so in asked.items() if is_so}


def fields(config: Config, name: str, title: str, finished: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the places of template.txt, by name. Raises ExportError."""
    data, model, training = config.data, config.model, config.training
    if data.name not in DATA:
        raise ExportError(
            "A script can load CIFAR-10 and RowCue, not a folder of one's own pictures. Export a run on one of those "
            "with the same network, and put your pictures into its `load`."
        )
    has = flags(config)
    plain = {
        "shift": data.shift,
        "cutout": data.cutout,
        "validation": data.validation,
        "data_seed": data.seed,
        "stem_stride": model.stem_stride,
        "features": _features(model),
        "hidden": model.hidden,
        "layers": model.layers,
        "keep_bias": model.keep_bias,
        **{n: getattr(training, n) for n in ("epochs", "batch", "learning_rate", "muon_rate", "recurrent_rate")},
        **{n: getattr(training, n) for n in ("seconds", "until_accuracy", "patience")},
        **{n: getattr(training, n) for n in ("weight_decay", "label_smoothing", "seed", "device")},
        "test_pictures": TEST,
    }
    pictures = data.pictures or (TRAIN if data.name == "rowcue" else 0)
    return {
        **{key: _number(value) for key, value in plain.items()},
        **_words(config, name, title, finished),
        **_cell(model),
        "pictures": _number(pictures),
        "all_pictures": "; 0: all" if data.name == "cifar10" else "",
        "convs": "\n".join(f"    ({conv.kernel}, {conv.channels}, {conv.pool})," for conv in model.convs),
        "functions": "".join(f", {function}" for function in _functions(has)),
        "optimizers": ", ".join(("Adam" if "adam" in has else "AdamW", *(["Optimizer"] if "muon-any" in has else []))),
        "adam": "Adam" if "adam" in has else "AdamW",
        "for_what": ", which moves what Muon does not" if "muon-any" in has else "",
        "by_muon": {
            ("muon-filters", "muon-gates"): "(*filters, *gates)",
            ("muon-filters",): "filters",
            ("muon-gates",): "gates",
        }.get(tuple(flag for flag in ("muon-filters", "muon-gates") if flag in has), ""),
        "ends": " or ".join(test for flag, test in ENDS.items() if flag in has),
        "optimizers_doc": _optimizers_doc(has),
    }


def _words(config: Config, name: str, title: str, finished: Mapping[str, Any]) -> dict[str, str]:
    """What the script says of itself."""
    model = config.model
    network = "A small CNN reads a picture into rows, and a linear layer names the class of their mean."
    if model.cell != "none":
        way = "from the top and from the bottom" if model.bidirectional else "from the top"
        reader = f"{'an' if model.cell == 'lstm' else 'a'} {CELLS[model.cell].name} reads the rows {way}"
        network = f"A small CNN reads a picture into rows, {reader}, and a linear layer names the class."
        if model.encoder == "pixels":
            network = f"{reader[0].upper()}{reader[1:]} of pixels, and a linear layer names the class."
    elif "three-layers" in flags(config):
        network = "Three convolutions read a picture, three linear layers name the class."
    reached = ""
    if finished.get("accuracy") is not None:
        reached = f" The run that it was made from got {finished['accuracy']:.2%} of the test pictures right."
    does = f"It prints how training goes, then the accuracy on the test pictures, and keeps the weights in {name}.pt."
    called = "".join(c for c in title if c not in '"\\') or name
    return {
        "title": f"{called}: the network of a run and how it was trained, in one file of plain PyTorch.",
        "file": name,
        "about": textwrap.fill(f"{network} {DATA[config.data.name]}{reached} {does}", WIDTH, break_on_hyphens=False),
    }


def _cell(model: ModelConfig) -> dict[str, str]:
    """What differs between recurrent cells."""
    if model.cell == "none":
        return {"equation": ""}
    spec = CELLS[model.cell]
    fused = LAYERS.get(model.cell)
    both = ", bidirectional=True" if model.bidirectional else ""
    block, sign = spec.keep_bias
    first = "" if block == 0 else "HIDDEN" if block == 1 else f"{block} * HIDDEN"
    last = "HIDDEN" if block == 0 else f"{block + 1} * HIDDEN"
    return {
        "equation": f"\n{EQUATIONS[model.cell]}    " if model.cell in EQUATIONS else "",
        "layer": f"{fused}(width, HIDDEN, batch_first=True{both})" if fused else "Layer(width)",
        "width": "2 * HIDDEN" if model.bidirectional else "HIDDEN",
        "width_word": "2·H" if model.bidirectional else "H",
        "but_the_gate": ", but for\n    the gate that keeps the old state.\n    " if spec.keeps else ".",
        "keep_bias_name": '.startswith("bias_ih")' if fused else ' == "bias"',
        "keep_block": f"{first} : {last}".strip() if first else f":{last}",
        "keep_sign": "-" if sign < 0 else "",
        "blocks": BLOCKS.get(model.cell, ""),
    }


def _features(model: ModelConfig) -> int:
    """F, of each row."""
    match model.encoder:
        case "pixels":
            return PICTURE * 3
        case "seed-cnn":
            return PLACES * CHANNELS[-1]
    width = (PICTURE - 2) // model.stem_stride + 1
    for conv in model.convs:
        width //= conv.pool[1]
    return model.convs[-1].channels * (1 if model.columns == "max" else width)


def _functions(has: set[str]) -> list[str]:
    """Of torch.nn.functional, beside cross_entropy."""
    found = {
        "gelu": "rows" in has,
        "linear": "own-cell" in has,
        "max_pool2d": "rows" in has and "strongest" in has,
        "pad": "mingru" in has,
        "unfold": "rows" in has,
    }
    return [name for name, used in found.items() if used]


def _optimizers_doc(has: set[str]) -> str:
    if "adam" in has:
        return "Adam for all."
    if "muon-any" not in has:
        return "AdamW for all; biases move five times as fast."
    what = " and ".join(word for flag, word in (("muon-filters", "filters"), ("muon-gates", "gates")) if flag in has)
    return f"Muon for {what}, AdamW for the rest, whose biases move five times as fast."


def _number(value: Any) -> str:
    if isinstance(value, int) and value >= 10_000:
        return f"{value:_}"
    return value if isinstance(value, str) else repr(value)
