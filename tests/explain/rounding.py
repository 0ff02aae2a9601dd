"""How far two ways to compute the same thing may lie apart: said here once, for all tests of what networks do inside.

Such identities are of algebra, so they are held in float64 to EXACT. Whatever is wrong with an equation shows there.

In float32, which the pages use, the same identity is held to `bound`, of which processor and number of threads are no
part. A product of n = F + H terms (Higham 2002, *Accuracy and Stability of Numerical Algorithms*, section 3.1) is off
by at most n·u times the sum of its terms' sizes, u = 2⁻²⁴ the unit roundoff; the gates' and states' functions are no
steeper than 1. Each of the T steps of each of the L layers adds its own error to those before, and two computations
differ by twice one's:

    bound = 2·L·T·(F + H)·u

That is the worst case of steps that hand an error on as large as it came. Roundings have both signs, so about √(F + H)
of F + H is left (Higham & Mary 2019, SIAM J. Sci. Comput. 41): the rest pays for random weights, whose steps enlarge.
"""

import torch

EXACT = 1e-12  # of the largest value: some 10,000 roundings of float64, all to one side
PRECISIONS = {torch.float64: 2.0**-53, torch.float32: 2.0**-24}  # unit roundoff u


def bound(model):
    """Of what `model` computes in its own precision, as a part of the largest value."""
    weights = [*model.layers.parameters()]
    if weights[0].dtype == torch.float64:
        return EXACT
    terms = max(weight.shape[1] for weight in weights if weight.ndim > 1) + model.config.hidden  # F + H
    return 2 * len(model.layers) * len(model.bands) * terms * PRECISIONS[weights[0].dtype]


def close(found, expected, part=EXACT):
    """Within `part` of the largest value, or of 1, which the gates' and states' values do not go beyond."""
    found, expected = torch.as_tensor(found).detach(), torch.as_tensor(expected).detach()
    largest = max(1.0, expected.abs().max().item()) if expected.numel() else 1.0
    torch.testing.assert_close(found, expected, atol=part * largest, rtol=0)


def pictures(count, dtype=torch.float64):
    """(count, 3, 32, 32) in 0..1, from torch's own generator."""
    return torch.rand(count, 3, 32, 32, dtype=dtype)
