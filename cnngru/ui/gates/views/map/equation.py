"""A cell's equation with one unit's numbers under its terms, as LaTeX. Pure: numbers in, text out."""

from __future__ import annotations

from cnngru.nn.latex import Numbers
from cnngru.nn.recurrent import cell_class


def latex(cell: str, numbers: Numbers, write: bool = False) -> str:
    """One line for each of the cell's gates and states, each term with its value below, its result at the end.

    write   z means write = 1 − keep, in every line; else keep
    """
    joined = "\\\\[12pt]\n".join(cell_class(cell).equation(numbers, write))
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"
