"""The pieces of a cell's equation with one unit's numbers under its terms, as LaTeX. Pure: numbers in, text out."""

from __future__ import annotations

from collections.abc import Mapping

Numbers = Mapping[str, float]  # as from cnngru.explain.cell.numbers
OLD = "h^{-}"


def number(value: float) -> str:
    """Four decimals, as everywhere beside the figures; 0 without a sign."""
    text = f"{value:.4f}"
    return "0.0000" if text == "-0.0000" else text


def under(term: str, value: float) -> str:
    """A term with its value below."""
    return f"\\underbrace{{{term}}}_{{{number(value)}}}"


def line(name: str, right: str, value: float) -> str:
    """name = right = value."""
    return f"{name} &= {right} = \\mathbf{{{number(value)}}}"


def gate(name: str, function: str, of_x: str, of_h: str, found: Numbers, flipped: bool = False) -> str:
    """name = function(of_x + of_h), where the numbers are called `<name>_x`, `<name>_h` and `<name>`.

    flipped: what is shown is 1 − the gate that the sums give
    """
    inside = f"{under(of_x, found[f'{name}_x'])} + {under(of_h, found[f'{name}_h'])}"
    return line(name, f"{'1 - ' * flipped}{function}\\big({inside}\\big)", found[name])


def mixture(found: Numbers, write: bool) -> str:
    """h as a mixture of the candidate and the old state; z is that of `with_z`."""
    z, n, old = under("z", found["z"]), under("n", found["n"]), under(OLD, found["before"])
    right = f"(1 - {z})\\,{old} + {z}\\,{n}" if write else f"(1 - {z})\\,{n} + {z}\\,{old}"
    return line("h", right, found["h"])


def with_z(found: Numbers, write: bool) -> Numbers:
    """The numbers with z in the convention asked for: keep, as it comes, or write = 1 − keep."""
    return {**found, "z": 1 - found["z"]} if write else found
