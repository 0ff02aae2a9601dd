"""The recurrent layers, and how they start: PyTorch's fused ones, and those of this project (textbook.py, mingru.py).

PyTorch's GRU (Cho et al. 2014, "reset after": the reset gate stands behind the product), for an input x and the last
state h⁻:

    r = σ(W_ir x + b_ir + W_hr h⁻ + b_hr)            reset
    z = σ(W_iz x + b_iz + W_hz h⁻ + b_hz)            update; here always called keep: 1 keeps the old state
    n = tanh(W_in x + b_in + r ⊙ (W_hn h⁻ + b_hn))   candidate
    h = (1 − z) ⊙ n + z ⊙ h⁻                         hidden state

Its LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000) and its plain RNN (Elman 1990), with
W and b short for both products and both biases:

    i, f, o = σ(W_i, W_f, W_o · [h⁻, x])             input, forget (1 keeps the old cell state), output
    g = tanh(W_g · [h⁻, x])                          candidate
    c = f ⊙ c⁻ + i ⊙ g                               cell state
    h = o ⊙ tanh(c)                                  hidden state;   plain RNN: h = tanh(W · [h⁻, x])

Parameters lie in blocks r | z | n and i | f | g | o.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cnngru.config import ModelConfig
from cnngru.nn.mingru import MinGRU
from cnngru.nn.textbook import TextbookGRU

FUSED: dict[str, Callable[..., nn.Module]] = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}

# The block of the gate that keeps the old state, and the sign with which a bias makes it keep more. None: no such gate.
KEEPS: dict[str, tuple[int, int] | None] = {
    "gru": (1, +1),
    "gru-textbook": (0, -1),  # its z is write
    "lstm": (1, +1),
    "rnn": None,
    "mingru": (0, +1),
}


class Directions(nn.Module):
    """One of the project's own cells reads from the top, and perhaps a second one from the bottom.

    Called as PyTorch's layers are: x (B, T, F) -> what is handed on, and the states, each (B, T, D·H) in picture order.
    """

    def __init__(self, *cells: TextbookGRU | MinGRU) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        read = [self.cells[0](x)]
        for cell in self.cells[1:]:
            outputs, states = cell(x.flip(1))
            read.append((outputs.flip(1), states.flip(1)))
        outputs, states = (torch.cat(each, dim=-1) for each in zip(*read, strict=True))
        return outputs, states


def recurrent_layer(config: ModelConfig, inputs: int) -> nn.Module:
    """One recurrent layer of config.cell over features (B, T, inputs): `states, _ = layer(x)`, states (B, T, D·H).

    Recurrent blocks start orthogonal, input blocks by Glorot & Bengio (2010), biases at zero but for that of the gate
    that keeps: above 0 the state is held at first, so that the gradient reaches the first rows (Jozefowicz et al. 2015
    for the LSTM's forget gate). It stands in one of PyTorch's two redundant biases only.
    """
    layer = _layer(config, inputs)
    keeps = KEEPS[config.cell]
    with torch.no_grad():
        for full_name, weight in layer.named_parameters():
            name = full_name.rpartition(".")[2]
            if "weight_hh" in name:
                for block in weight.split(config.hidden):
                    nn.init.orthogonal_(block)
            elif "weight_ih" in name:
                for block in weight.split(config.hidden):
                    nn.init.xavier_uniform_(block)
            else:
                weight.zero_()
                if keeps is not None and (name == "bias" or name.startswith("bias_ih")):
                    block, sign = keeps
                    weight[block * config.hidden : (block + 1) * config.hidden] = sign * config.keep_bias
    return layer


def _layer(config: ModelConfig, inputs: int) -> nn.Module:
    directions = range(2 if config.bidirectional else 1)
    match config.cell:
        case "gru-textbook":
            gated = config.readout == "gated"
            return Directions(*(TextbookGRU(inputs, config.hidden, gated) for _ in directions))
        case "mingru":
            return Directions(*(MinGRU(inputs, config.hidden) for _ in directions))
        case _:
            fused = FUSED[config.cell]
            return fused(inputs, config.hidden, batch_first=True, bidirectional=config.bidirectional)
