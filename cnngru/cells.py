"""The recurrent cells, each with all that is special about it: what config, explanations, pages and comparison ask.

To add a cell: write its equations in a module of cnngru/nn/ (nn/cell.py says which) and one line in CELLS. Its gates
take their names from update, forget, reset, input and output, which the pages have words for.

Imports nothing, so that the settings know the cells at no cost: `code` names the class, nn/recurrent.py loads it.
"""

from __future__ import annotations

from dataclasses import dataclass

WORDS = {"update": "keep"}  # what people call a gate, where that is not its name


@dataclass(frozen=True)
class CellSpec:
    """One recurrent cell.

    name        for people: "LSTM", "plain RNN"
    code        "module:class" of its equations, a `nn.cell.Cell`
    gates       those in 0..1 by name, the one that keeps the old state first
    keeps       the name of that gate: "update" mixes the old state with the candidate, shares that add up to 1;
                "forget" keeps of a cell state to which "input" adds; "" where each row overwrites the whole state
    keep_bias   where a bias makes that gate keep: (its block among the parameters, +1, or −1 where the block is of
                1 − keep)
    gated       the gates in 0..1 that the readout "gated" adds; none: the cell has no such readout
    states      what it hands from row to row, the state that `keeps` acts on first: "hidden", and an LSTM's "cell"
    reads_state False: gates and candidate are computed from the row's input alone
    no_mixture  why its state is no mixture of what the rows wrote, "" where it is
    no_split    why a linear head's logits do not split by row, "" where they do
    blocks      of hidden units that its weights compute, gates and candidates
    biases      how many biases each of them has
    at_first    the panels of the map that are drawn at first, where all would be too many; () is all
    """

    name: str
    code: str
    gates: tuple[str, ...] = ()
    keeps: str = ""
    keep_bias: tuple[int, int] = (0, 1)
    gated: tuple[str, ...] = ()
    states: tuple[str, ...] = ("hidden",)
    reads_state: bool = True
    no_mixture: str = ""
    no_split: str = ""
    blocks: int = 1
    biases: int = 1
    at_first: tuple[str, ...] = ()

    @property
    def mixture(self) -> bool:
        """Whether its state is h = keep ⊙ h⁻ + (1 − keep) ⊙ candidate, so that update may be told as write too."""
        return self.keeps == "update"

    @property
    def keep_word(self) -> str:
        """What people call the gate that keeps: keep, or an LSTM's forget; "" without one."""
        return word(self.keeps)


def word(gate: str) -> str:
    """What people call a gate: "update" -> "keep"."""
    return WORDS.get(gate, gate)


CELLS = {
    "gru": CellSpec("GRU", "cnngru.nn.gru:GRU", ("update", "reset"), "update", keep_bias=(1, +1), blocks=3, biases=2),
    "gru-textbook": CellSpec(
        "textbook GRU",
        "cnngru.nn.textbook:TextbookGRU",
        ("update", "reset"),
        "update",
        keep_bias=(0, -1),  # its z is write
        gated=("output",),
        blocks=3,
    ),
    "lstm": CellSpec(
        "LSTM",
        "cnngru.nn.lstm:LSTM",
        ("forget", "input", "output"),
        "forget",
        keep_bias=(1, +1),
        states=("cell", "hidden"),
        blocks=4,
        biases=2,
        no_mixture="An LSTM's state is no mixture: what it writes (input) does not depend on what it keeps (forget).",
        no_split=(
            "An LSTM's logits do not split by row. Its *cell state* is an exact sum of what each row wrote (input ⊙ "
            "candidate, times what the forget gates left of it), but the head reads output ⊙ tanh(cell state), and the "
            "tanh of a sum is not the sum of any parts: every way to share it out would be a choice, not a fact."
        ),
        at_first=("forget", "input", "output", "hidden"),
    ),
    "rnn": CellSpec(
        "plain RNN",
        "cnngru.nn.rnn:RNN",
        biases=2,
        no_mixture="A plain RNN has no gate that keeps: each row overwrites the whole state.",
        no_split=(
            "A plain RNN's logits do not split by row. It has no gate that keeps: each step overwrites the whole state "
            "with the tanh of a sum of its row and the state before, and the tanh of a sum is not the sum of any parts."
        ),
    ),
    "mingru": CellSpec("minGRU", "cnngru.nn.mingru:MinGRU", ("update",), "update", reads_state=False, blocks=2),
}
