"""The recurrent layers: made by their cell's name, how they start, and their equations for those who look inside."""

from __future__ import annotations

import pkgutil
from typing import Any, cast

import torch
from torch import Tensor, nn

from cnngru.cells import CELLS
from cnngru.config import ModelConfig
from cnngru.nn.cell import Cell, Fused


class Directions(nn.Module):
    """One of the project's own cells reads from the top, and perhaps a second one from the bottom.

    Called as PyTorch's layers are: x (B, T, F) -> what is handed on, and the states, each (B, T, D·H) in picture order.
    """

    def __init__(self, *cells: nn.Module) -> None:
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
    layer, spec = _layer(config, inputs), CELLS[config.cell]
    block, sign = spec.keep_bias
    with torch.no_grad():
        for full_name, weight in layer.named_parameters():
            name = full_name.rpartition(".")[2]
            if "weight_hh" in name:
                for part in weight.split(config.hidden):
                    nn.init.orthogonal_(part)
            elif "weight_ih" in name:
                for part in weight.split(config.hidden):
                    nn.init.xavier_uniform_(part)
            else:
                weight.zero_()
                if spec.keeps and (name == "bias" or name.startswith("bias_ih")):
                    weight[block * config.hidden : (block + 1) * config.hidden] = sign * config.keep_bias
    return layer


def cell_of(config: ModelConfig, layer: nn.Module, direction: int) -> Cell:
    """The equations of one direction of a layer with its weights, which it shares."""
    if isinstance(layer, Directions):
        return cast(Cell, layer.cells[direction])
    return cell_class(config.cell)(layer, direction)


def run_layer(layer: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """x (B, T, F) -> what the layer hands on and its states, (B, T, D·H) each in picture order."""
    outputs, states = layer(x)
    return (outputs, states) if isinstance(layer, Directions) else (outputs, outputs)  # PyTorch gives the last states


def cell_class(name: str) -> Any:
    """The class that a cell's CellSpec names: of this project's cells an nn.Module, else a Fused; each is a `Cell`."""
    return pkgutil.resolve_name(CELLS[name].code)


def _layer(config: ModelConfig, inputs: int) -> nn.Module:
    made = cell_class(config.cell)
    if issubclass(made, Fused):
        return made.layer(inputs, config.hidden, batch_first=True, bidirectional=config.bidirectional)
    options = {"gated": True} if config.readout == "gated" else {}
    return Directions(*(made(inputs, config.hidden, **options) for _ in range(2 if config.bidirectional else 1)))
