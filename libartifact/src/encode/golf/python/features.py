# What a decoder may leave out. assemble.py sets these to False one by one and drops the branches; a decoder run from
# these sources has everything.
PREDICTION = True  # streams of codec golf from level 3 on
SEARCH = True  # from level 4 on: absmax symbols, row matches, inverse covariance, reference tensors
GRID = True  # encodings uniform and trellises
TRELLIS = True
BF16 = True
