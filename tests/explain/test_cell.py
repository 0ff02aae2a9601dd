"""Every number of a cell's equation: put into the equation, they give what the trace has."""

import math

import pytest
from rounding import EXACT, pictures
from test_trace_rivals import ALL, random_model

from cnngru.explain import cell
from cnngru.explain.trace import trace

WORDS = {  # the trace's gate by its letter
    "gru": {"r": "reset", "z": "update", "n": "candidate"},
    "gru-textbook": {"r": "reset", "z": "update", "n": "candidate"},
    "lstm": {"i": "input", "f": "forget", "o": "output", "g": "candidate", "c": "cell"},
    "rnn": {},
    "mingru": {"z": "update", "n": "candidate"},
}


def sigma(x):
    return 1 / (1 + math.exp(-x))


KINDS = (sigma, sigma, sigma, math.tanh)  # of i, f, o and g


def by_hand(kind, a):
    """What the cell's equations make of the numbers that go in."""
    if kind == "rnn":
        return {"h": math.tanh(a["n_x"] + a["n_h"])}
    if kind == "lstm":
        i, f, o, g = (function(a[f"{k}_x"] + a[f"{k}_h"]) for k, function in zip("ifog", KINDS, strict=True))
        c = f * a["c_before"] + i * g
        return {"i": i, "f": f, "o": o, "g": g, "c": c, "h": o * math.tanh(c)}
    if kind == "mingru":
        z, n = sigma(a["z_x"]), a["n"]
        return {"z": z, "h": (1 - z) * n + z * a["before"]}
    r = sigma(a["r_x"] + a["r_h"])
    if kind == "gru":
        z, n = sigma(a["z_x"] + a["z_h"]), math.tanh(a["n_x"] + r * a["n_h"])
    else:
        z, n = 1 - sigma(a["z_x"] + a["z_h"]), math.tanh(a["n_x"] + a["n_h"])
    found = {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * a["before"]}
    if "o" in a:
        o, y = sigma(a["o_x"] + a["o_h"]), math.tanh(a["y_x"] + a["y_h"])
        found |= {"o": o, "y": y, "out": o * y}
    return found


@pytest.mark.parametrize(("kind", "layers", "bidirectional", "readout"), ALL)
def test_numbers_are_those_of_the_trace_and_fit_the_equation(kind, layers, bidirectional, readout):
    model, images = random_model(kind, layers, bidirectional, readout), pictures(2)
    _, found = trace(model, images)
    words = WORDS[kind] | ({"o": "output"} if readout == "gated" else {})
    for layer in range(layers):
        for direction in range(1 + bidirectional):
            for step in (0, 7, 14):
                here = (layer, direction, 0, step, 4)
                numbers = cell.numbers(model, images, found, step, 4, layer, direction)
                for letter, name in words.items():
                    assert numbers[letter] == pytest.approx(float(found.gates[name][here]), abs=EXACT), letter
                assert numbers["h"] == pytest.approx(float(found.hidden[here]), abs=EXACT)
                assert numbers["before"] == float(found.before[here])
                if "out" in numbers and layer == layers - 1:
                    assert numbers["out"] == pytest.approx(float(found.outputs[0, step, 4]), abs=EXACT)
                for name, expected in by_hand(kind, numbers).items():
                    assert numbers[name] == pytest.approx(expected, abs=EXACT), name
