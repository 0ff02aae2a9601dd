"""The equation on the page: worked out again from what stands under its terms, each line gives its result."""

import math
import re

import numpy as np
import pytest

from cnngru.nn.latex import number
from cnngru.ui.gates.views.map import equation

RANDOM = np.random.default_rng(0)
PARTS = {
    "gru": "r_x r_h z_x z_h n_x n_h before",
    "gru-textbook": "r_x r_h z_x z_h n_x n_h before",
    "gated": "r_x r_h z_x z_h n_x n_h before o_x o_h y_x y_h",
    "lstm": "i_x i_h f_x f_h o_x o_h g_x g_h c_before before",
    "mingru": "z_x n before",
    "rnn": "n_x n_h before",
}
KINDS = [(kind, write) for kind in PARTS for write in (False, True)]


def sigma(x):
    return 1 / (1 + math.exp(-x))


def numbers(kind):
    """Random sums, and the gates and states that a cell makes of them."""
    a = {name: float(RANDOM.normal()) for name in PARTS[kind].split()}
    for gate in "rzifo":
        if f"{gate}_x" in a:
            a[gate] = sigma(a[f"{gate}_x"] + a.get(f"{gate}_h", 0.0))
    if kind in ("gru-textbook", "gated"):
        a["z"] = 1 - a["z"]
    if kind == "rnn":
        return {**a, "h": math.tanh(a["n_x"] + a["n_h"])}
    if kind == "lstm":
        a["g"] = math.tanh(a["g_x"] + a["g_h"])
        a["c"] = a["f"] * a["c_before"] + a["i"] * a["g"]
        return {**a, "h": a["o"] * math.tanh(a["c"])}
    if kind != "mingru":
        a["n"] = math.tanh(a["n_x"] + a["n_h"] * (a["r"] if kind == "gru" else 1))
    if kind == "gated":
        a["y"] = math.tanh(a["y_x"] + a["y_h"])
        a["out"] = a["o"] * a["y"]
    return {**a, "h": (1 - a["z"]) * a["n"] + a["z"] * a["before"]}


def lines(text):
    """[(name, right side, result)] of the aligned block."""
    body = text.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
    return [
        re.fullmatch(r"(.*?) &= (.*) = \\mathbf\{(.*)\}", line).groups() for line in re.split(r"\\\\\[\d+pt\]\n", body)
    ]


def filled_in(right):
    """The right side with each underbraced term replaced by the number under it, in Python."""
    while (start := right.find("\\underbrace{")) >= 0:
        depth, end = 1, start + len("\\underbrace{")
        while depth:
            depth += {"{": 1, "}": -1}.get(right[end], 0)
            end += 1
        value = re.match(r"_\{(.*?)\}", right[end:])
        right = f"{right[:start]}({value[1]}){right[end + value.end() :]}"
    for latex, python in (("\\big", ""), ("\\sigma", "sigma"), ("\\tanh", "tanh"), ("\\,", "*"), (")*)", "))")):
        right = right.replace(latex, python)
    return right


@pytest.mark.parametrize(("kind", "write"), KINDS)
def test_each_line_gives_its_result(kind, write):
    a = numbers(kind)
    before = dict(a)
    found = lines(equation.latex("gru-textbook" if kind == "gated" else kind, a, write))
    assert a == before
    assert found[-1][0] == ("o\\,y" if kind == "gated" else "h")
    for name, right, result in found:
        if (kind, name) == ("mingru", "n"):  # nothing under it: the sum is the candidate
            assert result == number(a["n"])
            continue
        value = eval(filled_in(right), {"sigma": sigma, "tanh": math.tanh})
        assert value == pytest.approx(float(result), abs=5e-4), (name, right)
        key = {"o\\,y": "out"}.get(name, name)
        assert float(result) == pytest.approx(1 - a["z"] if name == "z" and write else a[key], abs=1e-4)


def test_z_is_keep_or_write_throughout():
    a = numbers("gru")
    keep, write = ({name: right for name, right, _ in lines(equation.latex("gru", a, w))} for w in (False, True))
    assert keep["z"].startswith("\\sigma")
    assert write["z"].startswith("1 - \\sigma")
    assert keep["h"].index("{n}") < keep["h"].index("{h^{-}}")
    assert write["h"].index("{h^{-}}") < write["h"].index("{n}")


def test_zero_has_no_sign():
    assert number(-1e-9) == "0.0000"
    assert number(-0.12344) == "-0.1234"
