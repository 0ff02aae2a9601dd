"""A cell's equation with one unit's numbers under its terms, as LaTeX. Pure: numbers in, text out."""

from __future__ import annotations

from collections.abc import Mapping

Numbers = Mapping[str, float]  # as from cnngru.explain.cell.numbers
OLD = "h^{-}"


def latex(cell: str, numbers: Numbers, write: bool = False) -> str:
    """One line for each of the cell's gates and states, each term with its value below, its result at the end.

    write   z means write = 1 − keep, in every line; else keep
    """
    lines = {"gru": _gru, "gru-textbook": _textbook, "lstm": _lstm, "mingru": _mingru, "rnn": _rnn}[cell](
        dict(numbers), write
    )
    joined = "\\\\[12pt]\n".join(lines)
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


def _under(term: str, value: float) -> str:
    return f"\\underbrace{{{term}}}_{{{number(value)}}}"


def number(value: float) -> str:
    """Four decimals, as everywhere beside the figures; 0 without a sign."""
    text = f"{value:.4f}"
    return "0.0000" if text == "-0.0000" else text


def _line(name: str, right: str, value: float) -> str:
    return f"{name} &= {right} = \\mathbf{{{number(value)}}}"


def _gate(name: str, function: str, of_x: str, of_h: str, found: Numbers, key: str, flipped: bool = False) -> str:
    """flipped: what is shown is 1 − the gate that the sums give."""
    inside = f"{_under(of_x, found[f'{key}_x'])} + {_under(of_h, found[f'{key}_h'])}"
    return _line(name, f"{'1 - ' * flipped}{function}\\big({inside}\\big)", found[key])


def _state(found: Numbers, write: bool) -> str:
    """h as a mixture of the candidate and the old state."""
    z, n, old = _under("z", found["z"]), _under("n", found["n"]), _under(OLD, found["before"])
    right = f"(1 - {z})\\,{old} + {z}\\,{n}" if write else f"(1 - {z})\\,{n} + {z}\\,{old}"
    return _line("h", right, found["h"])


def _gru(found: dict[str, float], write: bool) -> list[str]:
    if write:
        found["z"] = 1 - found["z"]
    n = f"{_under('W_{in}x + b_{in}', found['n_x'])} + {_under('r', found['r'])}\\,"
    n += _under(f"(W_{{hn}}{OLD} + b_{{hn}})", found["n_h"])
    return [
        _gate("r", "\\sigma", "W_{ir}x + b_{ir}", f"W_{{hr}}{OLD} + b_{{hr}}", found, "r"),
        _gate("z", "\\sigma", "W_{iz}x + b_{iz}", f"W_{{hz}}{OLD} + b_{{hz}}", found, "z", flipped=write),
        _line("n", f"\\tanh\\big({n}\\big)", found["n"]),
        _state(found, write),
    ]


def _textbook(found: dict[str, float], write: bool) -> list[str]:
    if write:
        found["z"] = 1 - found["z"]
    lines = [
        _gate("r", "\\sigma", "W_{rx}x + b_r", f"W_{{rh}}{OLD}", found, "r"),
        _gate("z", "\\sigma", "W_{zx}x + b_z", f"W_{{zh}}{OLD}", found, "z", flipped=not write),
        _gate("n", "\\tanh", "W_x x + b", f"W_h (r \\odot {OLD})", found, "n"),
        _state(found, write),
    ]
    if "o" in found:
        lines += [
            _gate("o", "\\sigma", "W_{ox}x + b_o", "W_{oh}h", found, "o"),
            _gate("y", "\\tanh", "W_{yx}x + b_y", "W_{yh}h", found, "y"),
            _line("o\\,y", f"{_under('o', found['o'])}\\,{_under('y', found['y'])}", found["out"]),
        ]
    return lines


def _lstm(found: dict[str, float], _: bool) -> list[str]:
    lines = [
        _gate(gate, function, f"W_{{i{gate}}}x + b_{{i{gate}}}", f"W_{{h{gate}}}{OLD} + b_{{h{gate}}}", found, gate)
        for gate, function in (("i", "\\sigma"), ("f", "\\sigma"), ("o", "\\sigma"), ("g", "\\tanh"))
    ]
    kept = f"{_under('f', found['f'])}\\,{_under('c^{-}', found['c_before'])}"
    new = f"{_under('i', found['i'])}\\,{_under('g', found['g'])}"
    out = f"{_under('o', found['o'])}\\,\\tanh({_under('c', found['c'])})"
    return [*lines, _line("c", f"{kept} + {new}", found["c"]), _line("h", out, found["h"])]


def _mingru(found: dict[str, float], write: bool) -> list[str]:
    if write:
        found["z"] = 1 - found["z"]
    gate = f"{'1 - ' * write}\\sigma\\big({_under('W_k x + b_k', found['z_x'])}\\big)"
    return [_line("z", gate, found["z"]), _line("n", "W_n x + b_n", found["n"]), _state(found, write)]


def _rnn(found: dict[str, float], _: bool) -> list[str]:
    inside = f"{_under('W_i x + b_i', found['n_x'])} + {_under(f'W_h {OLD} + b_h', found['n_h'])}"
    return [_line("h", f"\\tanh\\big({inside}\\big)", found["h"])]
