"""Pictures with some of their rows hidden, exchanged or turned over: what would the network say to those?

All take pictures (B, 3, H, W), float in 0..1, and give new ones. Rows are pixel rows, 0 = the top one.
"""

from __future__ import annotations

from torch import Tensor

Band = tuple[int, int]


def mask_rows(images: Tensor, start: int, end: int) -> Tensor:
    """The rows [start, end) painted over in each picture's own mean colour, which tells the network least.

    Raises ValueError for rows outside of the picture.
    """
    _check(images, (start, end))
    masked = images.clone()
    masked[:, :, start:end] = images.mean((2, 3), keepdim=True)  # (B, 3, 1, 1)
    return masked


def swap_rows(images: Tensor, one: Band, other: Band) -> Tensor:
    """Two bands of rows [start, end) exchanged. Raises ValueError unless they are equally high and do not overlap."""
    _check(images, one, other)
    (first, until), (second, to) = sorted((one, other))
    if until - first != to - second:
        raise ValueError(f"Only bands of the same height can be exchanged: {until - first} rows, and {to - second}.")
    if until > second:
        raise ValueError(f"The bands {first}–{until - 1} and {second}–{to - 1} overlap: choose two that do not.")
    swapped = images.clone()
    swapped[:, :, first:until], swapped[:, :, second:to] = images[:, :, second:to], images[:, :, first:until]
    return swapped


def reverse_rows(images: Tensor, start: int = 0, end: int | None = None) -> Tensor:
    """The rows [start, end) from the last to the first; all of them: upside down. Raises ValueError as `mask_rows`."""
    end = images.shape[2] if end is None else end
    _check(images, (start, end))
    turned = images.clone()
    turned[:, :, start:end] = images[:, :, start:end].flip(2)
    return turned


def _check(images: Tensor, *bands: Band) -> None:
    height = images.shape[2]
    for start, end in bands:
        if not 0 <= start < end <= height:
            raise ValueError(f"There are no rows {start} to {end}: choose 0 ≤ start < end ≤ {height}.")
