"""Each cell against its equations, written again without the code that is tested, and the way each one starts.

Weights and biases are random and distinct: a swapped gate, a transposed matrix or a bias on the wrong side shows.
"""

import numpy as np
import pytest
import torch

from cnngru.config import ModelConfig
from cnngru.nn.mingru import scan
from cnngru.nn.recurrent import recurrent_layer

FEATURES, HIDDEN, ROWS = 7, 5, 9
FUSED = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}
CELLS = ("gru", "gru-textbook", "lstm", "rnn", "mingru")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def random_layer(cell, bidirectional=False, readout="last"):
    torch.manual_seed(0)
    config = ModelConfig(cell=cell, hidden=HIDDEN, bidirectional=bidirectional, readout=readout)
    layer = recurrent_layer(config, FEATURES).double()
    for parameter in layer.parameters():
        parameter.data.normal_(0, 0.7)
    return layer


def arrays(cell):
    return {name: value.detach().numpy() for name, value in cell.named_parameters()}


def run(layer, x):
    return layer(x)[0].detach().numpy()


def document_gru(w, x):
    """The source document's equations for one picture, x (T, F): the states and o ⊙ y (None without its weights)."""
    parts = zip("zrh", np.split(np.hstack([w["weight_hh"], w["weight_ih"]]), 3), np.split(w["bias"], 3), strict=True)
    on = {gate: (matrix, bias) for gate, matrix, bias in parts}  # matrices on [h, x]
    h, states, outputs = np.zeros(HIDDEN), [], []
    for row in x:
        both = np.concatenate([h, row])
        z = sigmoid(on["z"][0] @ both + on["z"][1])
        r = sigmoid(on["r"][0] @ both + on["r"][1])
        new = np.tanh(on["h"][0] @ np.concatenate([r * h, row]) + on["h"][1])
        h = (1 - z) * h + z * new
        states.append(h)
        if "output_bias" in w:
            w_o, w_y = np.split(np.hstack([w["output_weight_hh"], w["output_weight_ih"]]), 2)
            b_o, b_y = np.split(w["output_bias"], 2)
            both = np.concatenate([h, row])
            outputs.append(sigmoid(w_o @ both + b_o) * np.tanh(w_y @ both + b_y))
    return np.array(states), np.array(outputs)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_textbook_gru_against_the_documents_equations(bidirectional):
    layer, x = random_layer("gru-textbook", bidirectional), torch.randn(3, ROWS, FEATURES).double()
    states = run(layer, x)
    for picture in range(3):
        down, _ = document_gru(arrays(layer.cells[0]), x[picture].numpy())
        np.testing.assert_allclose(states[picture, :, :HIDDEN], down, atol=1e-12)
        if bidirectional:
            up, _ = document_gru(arrays(layer.cells[1]), x[picture].numpy()[::-1])
            np.testing.assert_allclose(states[picture, ::-1, HIDDEN:], up, atol=1e-12)
    assert len(layer.cells) == 1 + bidirectional


def test_the_gated_readout_hands_on_the_documents_output_gate_times_its_output():
    layer, x = random_layer("gru-textbook", readout="gated"), torch.randn(2, ROWS, FEATURES).double()
    handed_on, hidden = layer(x)
    for picture in range(2):
        states, outputs = document_gru(arrays(layer.cells[0]), x[picture].numpy())
        np.testing.assert_allclose(hidden[picture].detach(), states, atol=1e-12)
        np.testing.assert_allclose(handed_on[picture].detach(), outputs, atol=1e-12)


def onnx_gru(x, w, r, b):
    """ONNX's operator GRU, linear_before_reset = 0, as its definition stands: x (T, F), w (3H, F), r (3H, H), b (6H).

    github.com/onnx/onnx/blob/main/docs/Operators.md#GRU: blocks z | r | h; b is [W_b, R_b]. Its z is KEEP.
    """
    (wz, wr, wh), (rz, rr, rh) = np.split(w, 3), np.split(r, 3)
    wbz, wbr, wbh, rbz, rbr, rbh = np.split(b, 6)
    h, states = np.zeros(HIDDEN), []
    for row in x:
        zt = sigmoid(row @ wz.T + h @ rz.T + wbz + rbz)
        rt = sigmoid(row @ wr.T + h @ rr.T + wbr + rbr)
        ht = np.tanh(row @ wh.T + (rt * h) @ rh.T + rbh + wbh)
        h = (1 - zt) * ht + zt * h
        states.append(h)
    return np.array(states)


def test_textbook_gru_is_onnxs_with_the_reset_before_the_product_and_the_other_sign_of_z():
    layer, x = random_layer("gru-textbook"), torch.randn(1, ROWS, FEATURES).double()
    ours = arrays(layer.cells[0])
    turned = {name: np.concatenate([-value[:HIDDEN], value[HIDDEN:]]) for name, value in ours.items()}
    half = np.random.default_rng(0).normal(size=3 * HIDDEN)  # ONNX has two biases for our one
    bias = np.concatenate([half, turned["bias"] - half])
    theirs = onnx_gru(x[0].numpy(), turned["weight_ih"], turned["weight_hh"], bias)
    np.testing.assert_allclose(run(layer, x)[0], theirs, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_mingru_against_a_loop_over_rows(bidirectional):
    layer, x = random_layer("mingru", bidirectional), torch.randn(3, ROWS, FEATURES).double()
    states = run(layer, x)
    for direction, cell in enumerate(layer.cells):
        w = arrays(cell)
        (w_keep, w_new), (b_keep, b_new) = np.split(w["weight_ih"], 2), np.split(w["bias"], 2)
        h = np.zeros((3, HIDDEN))
        for t in range(ROWS)[:: -1 if direction else 1]:
            keep = sigmoid(x[:, t].numpy() @ w_keep.T + b_keep)
            h = keep * h + (1 - keep) * (x[:, t].numpy() @ w_new.T + b_new)
            np.testing.assert_allclose(states[:, t, direction * HIDDEN :][:, :HIDDEN], h, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 2, 3, 15, 16, 32])
def test_the_scan_is_the_loop_for_any_number_of_rows(rows):
    torch.manual_seed(0)
    keep, new = torch.rand(2, rows, 4).double(), torch.randn(2, rows, 4).double()
    h, found = torch.zeros(2, 4).double(), scan(keep, new)
    for t in range(rows):
        h = keep[:, t] * h + new[:, t]
        torch.testing.assert_close(found[:, t], h, atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", FUSED)
def test_pytorchs_own_cells_are_used_as_they_are(cell):
    layer = random_layer(cell, bidirectional=True)
    assert type(layer) is FUSED[cell]
    assert (layer.num_layers, layer.bidirectional, layer.batch_first) == (1, True, True)
    assert layer(torch.randn(2, ROWS, FEATURES).double())[0].shape == (2, ROWS, 2 * HIDDEN)


BIASES = {  # at the start with keep_bias = 1.5, block by block, both of PyTorch's biases added up
    "gru": [0, 1.5, 0],  # r | z | n
    "gru-textbook": [-1.5, 0, 0],  # z (write) | r | candidate
    "lstm": [0, 1.5, 0, 0],  # i | f | g | o
    "rnn": [0],
    "mingru": [1.5, 0],  # keep | candidate
}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_only_the_gate_that_keeps_starts_with_a_bias_and_recurrent_blocks_start_orthogonal(cell, bidirectional):
    torch.manual_seed(0)
    config = ModelConfig(cell=cell, hidden=HIDDEN, bidirectional=bidirectional, keep_bias=1.5)
    layer = recurrent_layer(config, FEATURES)
    named = dict(layer.named_parameters())
    expected = torch.tensor(BIASES[cell], dtype=torch.float32).repeat_interleave(HIDDEN)
    biases = [value for name, value in named.items() if "bias" in name]
    pairs = 2 if cell in FUSED else 1
    assert len(biases) == pairs * (1 + bidirectional)
    for d in range(1 + bidirectional):
        torch.testing.assert_close(sum(biases[pairs * d : pairs * (d + 1)]), expected)
    for name, weight in named.items():
        for block in weight.detach().split(HIDDEN):
            if "weight_hh" in name:
                torch.testing.assert_close(block @ block.T, torch.eye(HIDDEN), atol=1e-5, rtol=0)
            elif "weight_ih" in name:
                limit = (6 / (FEATURES + HIDDEN)) ** 0.5
                assert 0.7 * limit < block.abs().max() <= limit


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "rnn"])
def test_a_large_keep_bias_holds_the_first_state_and_a_small_one_none(cell):
    """Above: nothing is written, the state stays at zero. Below: nothing is kept, a row knows only itself."""
    torch.manual_seed(0)
    x = torch.randn(2, ROWS, FEATURES)
    held = recurrent_layer(ModelConfig(cell=cell, hidden=HIDDEN, keep_bias=20.0), FEATURES)
    if cell == "lstm":  # which writes beside what it keeps: shut its input gate too
        held.bias_ih_l0.data[:HIDDEN] = -20.0
    assert held(x)[0].abs().max() < 1e-4
    fresh = recurrent_layer(ModelConfig(cell=cell, hidden=HIDDEN, keep_bias=-20.0), FEATURES)
    for name, parameter in fresh.named_parameters():
        if "weight_hh" in name:
            parameter.data.zero_()  # the old state's other way in
    torch.testing.assert_close(fresh(x)[0][:, 4], fresh(x[:, 4:5])[0][:, 0], atol=1e-6, rtol=0)


def test_the_state_of_the_projects_own_cells_stays_exact_under_autocast():
    """In bfloat16 a state that is added to row by row would lose what is small.

    What is computed in bfloat16 are the products: two factors and a sum are rounded to 8 bits, of terms that come to
    about 8 in size (FEATURES + HIDDEN of them, each 0.7 · 0.8 on average, and a bias).
    """
    for cell in ("gru-textbook", "mingru"):
        layer = random_layer(cell).float()
        x = torch.randn(2, ROWS, FEATURES)
        with torch.autocast("cpu", torch.bfloat16):
            states, _ = layer(x)
        assert states.dtype == torch.float32
        torch.testing.assert_close(states, layer(x)[0], atol=3 * 2**-8 * 8, rtol=0)
