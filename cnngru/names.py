"""The words for people: what data sets, cells, encoders and networks are called, on every page and in every report.

The order is that in which they are offered. Plain text; knows nothing of runs or screens.
"""

from cnngru import cells, escaping

DATA = {"cifar10": "CIFAR-10", "rowcue": "RowCue", "folder": "own pictures"}
CELLS = {**{cell: spec.name for cell, spec in cells.CELLS.items()}, "none": "none"}
ENCODERS = {"rows": "rows", "pixels": "pixels", "seed-cnn": "document's CNN"}
WITH_CELL = {"rows": "{}", "pixels": "{} on pixels", "seed-cnn": "document's CNN + {}"}
WITHOUT_CELL = {"rows": "CNN alone", "pixels": "mean of the pixel rows", "seed-cnn": "document's CNN alone"}


def network(encoder: str, cell: str) -> str:
    """An encoder and a cell together: "LSTM", "GRU on pixels", "document's CNN alone"."""
    return WITHOUT_CELL[encoder] if cell == "none" else WITH_CELL[encoder].format(CELLS[cell])


def label(encoder: str, cell: str, preset: str) -> str:
    """A network with the preset that it was trained by, "" for none: "LSTM (quick)", "document's CNN + GRU"."""
    words = network(encoder, cell)
    told = encoder == "seed-cnn" and preset == "document"  # the name says it
    return words if told else f"{words} ({escaping.plain(preset, escaping.LINE) or 'own settings'})"
