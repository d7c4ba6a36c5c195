"""Score texts by language: the loop of py3langid over bytes, compiled, for many texts at once.

Its own loop takes 35 µs a post, more than all else that is read of one. `vigie.enrich.language` prepares what is walked;
a test compares the answers with the library's.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def walk(data, first, nextmove, rows, output, weights, prior, scores):
    """Fill in a row of scores per text: how often each feature was met, damped, times its weights, and the prior.

    A text of no feature keeps zeros. `first` holds where each text begins in `data`, and where the last one ends.
    """
    visits = np.zeros(weights.shape[0], np.int32)
    longest = np.int64(0)
    for t in range(first.shape[0] - 1):
        longest = max(longest, first[t + 1] - first[t])
    met = np.empty(longest, np.int32)
    for t in range(first.shape[0] - 1):
        state, n = np.int64(0), 0
        for at in range(first[t], first[t + 1]):
            state = np.int64(nextmove[rows[state] + data[at]])
            feature = output[state]
            if feature >= 0:
                if visits[feature] == 0:
                    met[n] = feature
                    n += 1
                visits[feature] += 1
        if n == 0:
            continue
        for i in range(n):
            feature = met[i]
            damped = np.float32(np.log1p(np.float32(visits[feature])))
            visits[feature] = 0
            for language in range(weights.shape[1]):
                scores[t, language] += damped * weights[feature, language]
        for language in range(weights.shape[1]):
            scores[t, language] += prior[language]
