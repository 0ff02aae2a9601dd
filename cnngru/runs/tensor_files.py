"""What a safetensors file says of itself, read and checked without room for any of its numbers. Costs no torch.

Such a file begins with the length of its description (8 bytes), then the description as JSON: of each tensor its type,
its shape and where its bytes lie behind the description.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import IO, Any

from cnngru.schema import read_json

HEADER = 1_000_000  # bytes of the description
DIMENSIONS = 8  # of a tensor, at most
SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2}  # bytes of a number, by its type
SIZES |= {"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8}
_LENGTH = 8


@dataclass(frozen=True)
class Header:
    """metadata: texts by name; kinds: of each tensor its shape and its type ("F32")."""

    metadata: dict[str, str]
    kinds: dict[str, tuple[tuple[int, ...], str]]


def read_header(file: IO[bytes], size: int) -> Header:
    """The description with which a file of `size` bytes begins.

    Raises ValueError, in words that go on from "the file is damaged:", for one that is too long or not understood, and
    where the tensors do not fill the rest of the file to the byte, without gap or overlap.
    """
    length = int.from_bytes(file.read(_LENGTH), "little")
    if not 2 <= length <= min(HEADER, size - _LENGTH):
        raise ValueError(f"its description would be {length:,} bytes long")
    described = read_json(file.read(length))
    if not isinstance(described, dict):
        raise ValueError("its description names no tensors")
    metadata = described.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise ValueError("its notes are no texts")
    kinds, spans = {}, []
    for name, tensor in described.items():
        shape, kind, span = _tensor(name, tensor)
        kinds[name] = (shape, kind)
        spans.append(span)
    end = 0
    for first, last in sorted(spans):
        if first != end:
            raise ValueError("its tensors overlap, or have gaps between them")
        end = last
    if end != size - _LENGTH - length:
        raise ValueError(f"its tensors have {end:,} bytes, and the file has {size - _LENGTH - length:,} for them")
    return Header(metadata, kinds)


def _tensor(name: str, said: Any) -> tuple[tuple[int, ...], str, tuple[int, int]]:
    """Shape, type and place (first byte, end) of one tensor. Raises ValueError."""
    try:
        kind, shape, (first, end) = said["dtype"], said["shape"], said["data_offsets"]
        wholes = [*shape, first, end]
    except (TypeError, KeyError, ValueError):
        raise ValueError(f"{name[:80]!r} is not described as a tensor is") from None
    counts = all(type(n) is int and 0 <= n < 2**40 for n in wholes)
    if not isinstance(kind, str) or kind not in SIZES or len(shape) > DIMENSIONS or not counts:
        raise ValueError(f"{name[:80]!r} has a type, a shape or a place that no tensor has")
    if end - first != math.prod(shape) * SIZES[kind]:
        raise ValueError(f"{name[:80]!r} takes {end - first:,} bytes, which does not fit its shape {tuple(shape)}")
    return tuple(shape), kind, (first, end)
