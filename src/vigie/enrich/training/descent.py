"""The loop that trains the language model: softmax regression, one text at a time, a step size a weight (AdaGrad).

Compiled, one thread, in a given order: the same bytes each time on a machine. Duchi, Hazan and Singer, JMLR 12, 2011.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def descend(first, slots, truth, importance, order, rate, weights, squares):
    """Take a step for each text in `order`; `weights` and the `squares` of their gradients are changed in place."""
    classes = weights.shape[1]
    shares = np.zeros(classes, np.float32)
    for t in range(order.shape[0]):
        row = order[t]
        n = first[row + 1] - first[row]
        if n == 0:
            continue
        each = np.float32(1 / np.sqrt(n))
        shares[:] = 0
        for at in range(first[row], first[row + 1]):
            for c in range(classes):
                shares[c] += weights[slots[at], c]
        highest = np.float32(-1e30)
        for c in range(classes):
            shares[c] *= each
            highest = max(highest, shares[c])
        total = np.float32(0)
        for c in range(classes):
            shares[c] = np.exp(shares[c] - highest)
            total += shares[c]
        for c in range(classes):
            shares[c] /= total
        shares[truth[row]] -= np.float32(1)
        for c in range(classes):
            shares[c] *= importance[row] * each
        for at in range(first[row], first[row + 1]):
            slot = slots[at]
            for c in range(classes):
                # Languages that are out of the question change nothing but the time it takes.
                if abs(shares[c]) > 1e-5:
                    squares[slot, c] += shares[c] * shares[c]
                    weights[slot, c] -= rate * shares[c] / np.sqrt(squares[slot, c])
