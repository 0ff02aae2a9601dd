"""The recurrent layer and how it starts.

PyTorch's GRU (Cho et al. 2014, "reset after"), for an input x and the last state h⁻:

    r = σ(W_ir x + b_ir + W_hr h⁻ + b_hr)            reset
    z = σ(W_iz x + b_iz + W_hz h⁻ + b_hz)            update; here always called keep: 1 keeps the old state
    n = tanh(W_in x + b_in + r ⊙ (W_hn h⁻ + b_hn))   candidate
    h = (1 − z) ⊙ n + z ⊙ h⁻                         hidden state

Parameters lie in blocks r | z | n.
"""

from __future__ import annotations

import torch
from torch import nn


def gru(inputs: int, hidden: int, bidirectional: bool, keep_bias: float) -> nn.GRU:
    """One GRU layer over (B, T, inputs), with orthogonal recurrent blocks and zero biases but for the keep gate's.

    The keep bias stands in one of PyTorch's two redundant biases only; above 0 it holds the state at first, so that the
    gradient reaches the first rows (Jozefowicz et al. 2015 for the LSTM's forget gate).
    """
    layer = nn.GRU(inputs, hidden, batch_first=True, bidirectional=bidirectional)
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            if name.startswith("weight_hh"):
                for block in weight.chunk(3):
                    nn.init.orthogonal_(block)
            elif name.startswith("weight_ih"):
                for block in weight.chunk(3):
                    nn.init.xavier_uniform_(block)
            else:
                weight.zero_()
                if name.startswith("bias_ih"):
                    weight[hidden : 2 * hidden] = keep_bias
    return layer
