# The parameter banks of the checkpoint that was packed, joined again from their matrices.
import numpy as np


def joined(state, banks):
    """The tensors with each bank, {name: kinds of matrices}, in place of its matrices: first all of the first kind."""
    for bank, kinds in banks.items():
        names = [f"blocks.{i}.{kind}.weight" for kind in kinds for i in range(len(state))]
        state[bank] = np.stack([state.pop(name) for name in names if name in state])
    return state
