"""How settings are declared, checked and read from JSON: a dataclass's fields, with what they may be in their metadata.

    metadata    "bounds"    the least and the greatest number (`within` makes it)
                "choices"   what it may be, where its type is no Literal that says so
                "name"      what people call it, where that is not the field's name in words
                "formerly"  names that it had before, so that old files open

Each stands once, beside the setting; validation, the form on Train and the command line read it here. Knows no setting.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints


class ConfigError(ValueError):
    """A setting that cannot be used. The message says which, why, and what is allowed."""


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest number that a setting takes, both allowed, and its unit."""

    low: float
    high: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{_number(self.low)} to {_number(self.high)} {self.unit}".rstrip()


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def within(low: float, high: float, unit: str = "", **others: Any) -> dict[str, Any]:
    """The metadata of a field that is a number with bounds, and what else belongs into it."""
    return {"bounds": Bounds(low, high, unit), **others}


def bounds(kind: Any, setting: str) -> Bounds | None:
    """Of a number among a dataclass's settings, `bounds(TrainingConfig, "epochs")`; None where it is another thing."""
    return kind.__dataclass_fields__[setting].metadata.get("bounds")


def choices(kind: Any, setting: str) -> tuple[Any, ...]:
    """What a setting may be, in the order in which it is offered: `choices(ModelConfig, "readout")`; () for a number
    or a text."""
    hint = _hints(kind)[setting]
    typed = get_args(hint) if get_origin(hint) is Literal else (False, True) if hint is bool else ()
    return kind.__dataclass_fields__[setting].metadata.get("choices", typed)


def allowed(kind: Any, setting: str) -> str:
    """What a setting may be, as a person writes it: "1 to 1,000", "last, mean, gated", "false, true", "text"."""
    listed = [value if isinstance(value, str) else json.dumps(value) for value in choices(kind, setting)]
    return ", ".join(listed) or str(bounds(kind, setting) or ("text" if _hints(kind)[setting] is str else "a list"))


def former_names(kind: Any) -> dict[str, str]:
    """Former name -> name now, of a dataclass's settings: runs and checkpoints of before open with them."""
    return {old: f.name for f in dataclasses.fields(kind) for old in f.metadata.get("formerly", ())}


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def one_of(what: str, value: object, allowed: tuple[object, ...]) -> None:
    """Raises ConfigError, which names what there is, for a value that is none of `allowed`."""
    if value not in allowed:
        raise ConfigError(f"There is no {what} {shown(value)}; choose one of {', '.join(map(str, allowed))}.")


def check(settings: Any) -> None:
    """Raises ConfigError for the first setting that is none of its choices, or outside its bounds."""
    for setting in dataclasses.fields(settings):
        value, limits = getattr(settings, setting.name), bounds(type(settings), setting.name)
        name = setting.metadata.get("name") or setting.name.replace("_", " ")
        if limits and not limits.low <= value <= limits.high:
            raise ConfigError(f"{name[0].upper()}{name[1:]} must be {limits}; got {shown(value)}.")
        if listed := choices(type(settings), setting.name):
            one_of(name, value, listed)


_WHOLE = re.compile(r"[+-]?(\d+|\d{1,3}([ ',]\d{3})+)")  # 5000, 5,000, 5 000
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)
_TWO_WAYS = {  # with either sign: a group of thousands, or digits behind a decimal point?
    int: re.compile(r"[+-]?\d{1,3}(\.\d{3})+"),
    float: re.compile(r"[+-]?[1-9]\d{0,2},\d{3}"),
}
_LONGEST = 40  # characters of a number
_TYPED = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # full-width, by a Chinese or Japanese keyboard
_TYPED |= {ord("\N{MINUS SIGN}"): ord("-"), ord("’"): ord("'")}


def number(kind: Any, setting: str, text: str) -> int | float:
    """What a person has written for a number among a dataclass's settings: "5,000" -> 5000, "0,01" -> 0.01.

    A comma is a decimal one where the setting is no whole number. Raises ConfigError, in words for beside the field,
    for what is empty, no number, could be meant in two ways, or is out of bounds: nothing is mended in silence.
    """
    wanted, limits = _hints(kind)[setting], bounds(kind, setting)
    name = kind.__dataclass_fields__[setting].metadata.get("name") or setting.replace("_", " ")
    name = f"{name[0].upper()}{name[1:]}"
    plain = " ".join(text.translate(_TYPED).split())
    whole = "a whole number, " if wanted is int else ""
    if not plain:
        raise ConfigError(f"{name} is empty: write {whole}{limits}.")
    if _TWO_WAYS[wanted].fullmatch(plain):
        small = f"{float(plain.replace(',', '.')):g} or " if wanted is float else ""
        large = plain.replace(".", "").replace(",", "")
        raise ConfigError(f"{name}: {plain} can be read in two ways. Write {small}{large}.")
    if len(plain) > _LONGEST or not (_WHOLE if wanted is int else _DECIMAL).fullmatch(plain) or not plain.isascii():
        raise ConfigError(f"{name} must be {whole}{limits}; {shown(text)} is none.")
    value = int(re.sub(r"[ ',]", "", plain)) if wanted is int else float(plain.replace(",", "."))
    if limits and not limits.low <= value <= limits.high:
        raise ConfigError(f"{name} must be {limits}; got {plain}.")
    return value


def read_json(text: str | bytes) -> Any:
    """The plain values of a JSON text, which may be a stranger's; bytes are UTF-8.

    Raises ConfigError, in a few words, for what is no JSON, nested without end, or gives one name twice.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_each_name_once)
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
        raise ConfigError(f"{next(shown(name) for name in names if names.count(name) > 1)} is given twice")
    return values


_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = 80


def shown(value: object) -> str:
    """A value as it stands in a message: short, whatever somebody has written there."""
    try:
        return _BRIEF.repr(value)
    except ValueError:  # Python does not print a whole number of more than 4,300 digits
        return "a number of thousands of digits"


def from_dict(kind: Any, values: Any, where: str = "config") -> Any:
    """Builds the dataclass `kind` from plain JSON values, checking every name and type; raises ConfigError."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where}: expected settings by name, got {type(values).__name__}.")
    for old, new in former_names(kind).items():
        if old in values and new in values:
            raise ConfigError(f"{where}: {old!r} is the former name of {new!r}; give one of them.")
        values = {new if name == old else name: value for name, value in values.items()}
    hints = _hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise ConfigError(f"{where}: unknown setting {shown(unknown[0])}; there are {', '.join(hints)}.")
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
            raise ConfigError(f"{where}: expected one of {', '.join(map(str, args))}; got {shown(value)}.")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where}: expected a list, got {shown(value)}.")
        inner = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
        if len(inner) != len(value):
            raise ConfigError(f"{where}: expected {len(inner)} values, got {len(value)}.")
        return tuple(_coerce(h, v, f"{where}[{i}]") for i, (h, v) in enumerate(zip(inner, value, strict=True)))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 10**300 else math.inf
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"{where}: expected {hint.__name__}, got {shown(value)}.")
    return value
