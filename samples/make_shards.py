#!/usr/bin/env python3
"""Writes the challenge's token shards.

usage: spm_encode --model=M --output_format=id < DOCUMENTS | make_shards.py encode OUT.bin
       make_shards.py head TOKENS IN.bin OUT.bin

encode: standard input has one document a line, as token ids; each gets the id 1 (<s>) in front, as in the challenge's
FineWeb export. head: the first TOKENS tokens of a shard, or all when it has fewer. A shard is 256 little-endian int32
(20240520, version 1, token count, zeros), then the tokens as uint16.
"""

import array
import struct
import sys

BEGIN_OF_DOCUMENT = 1
MAGIC, VERSION, HEADER_BYTES = 20240520, 1, 1024


def write_shard(path, tokens):
    if sys.byteorder == "big":
        tokens.byteswap()
    with open(path, "wb") as shard:
        shard.write(struct.pack("<256i", MAGIC, VERSION, len(tokens), *([0] * 253)))
        tokens.tofile(shard)
    print(f"{path}: {len(tokens):,} tokens")


def encode(out_path):
    tokens = array.array("H")
    for line in sys.stdin:
        tokens.append(BEGIN_OF_DOCUMENT)
        tokens.extend(int(token) for token in line.split())
    write_shard(out_path, tokens)


def head(limit, in_path, out_path):
    tokens = array.array("H")
    with open(in_path, "rb") as shard:
        magic, version, count = struct.unpack("<3i", shard.read(HEADER_BYTES)[:12])
        if (magic, version) != (MAGIC, VERSION):
            sys.exit(f"make_shards.py: {in_path}: not a token shard (magic {magic}, version {version})")
        tokens.frombytes(shard.read(2 * min(int(limit), count)))
    if sys.byteorder == "big":
        tokens.byteswap()
    write_shard(out_path, tokens)


if __name__ == "__main__":
    command, arguments = sys.argv[1:2], sys.argv[2:]
    if command == ["encode"] and len(arguments) == 1:
        encode(*arguments)
    elif command == ["head"] and len(arguments) == 3:
        head(*arguments)
    else:
        sys.exit(__doc__)
