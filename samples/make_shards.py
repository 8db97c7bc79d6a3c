#!/usr/bin/env python3
"""Writes one of the challenge's token shards.

usage: spm_encode --model=M --output_format=id < DOCUMENTS | make_shards.py OUT.bin

Standard input has one document a line, as token ids. Each document gets the id 1 (<s>) in front, as in the
challenge's FineWeb export. The file is 256 little-endian int32 (magic 20240520, version 1, token count, zeros), then the
tokens as uint16.
"""

import array
import struct
import sys

BEGIN_OF_DOCUMENT = 1


def main(path):
    tokens = array.array("H")
    for line in sys.stdin:
        tokens.append(BEGIN_OF_DOCUMENT)
        tokens.extend(int(token) for token in line.split())
    count = len(tokens)
    if sys.byteorder == "big":
        tokens.byteswap()
    with open(path, "wb") as shard:
        shard.write(struct.pack("<256i", 20240520, 1, count, *([0] * 253)))
        tokens.tofile(shard)
    print(f"{path}: {count:,} tokens", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
