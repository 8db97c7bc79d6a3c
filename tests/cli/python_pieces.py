# DECODER ARTIFACT LIST: says whether the decoder's load(ARTIFACT) gives the tensors of the list.
import hashlib
import importlib.util
import os
import sys

decoder, artifact, listing = sys.argv[1:]
sys.path.insert(0, os.path.dirname(decoder))
spec = importlib.util.spec_from_file_location("decoder", decoder)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
state = module.load(artifact)

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<f4", "I64": "<i8", "U8": "|u1", "BOOL": "|b1"}
wrong = set(state)
rows = 0
with open(listing) as file:
    for line in file:
        digest, dtype, shape, name = line.split()
        array = state[name]
        data = array.tobytes()
        if dtype == "BF16":  # which NumPy has not: load() gives its values as float32
            data = (array.view("I") >> 16).astype("H").tobytes()
        rows += 1
        if (hashlib.sha256(data).hexdigest(), array.dtype.str, str(list(array.shape)).replace(" ", "")) == (
            digest,
            DTYPES[dtype],
            shape,
        ):
            wrong.discard(name)
print(f"{rows} tensors, " + ("bit for bit" if not wrong else f"different: {sorted(wrong)}"))
