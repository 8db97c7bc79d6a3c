#!/usr/bin/env python3
"""Turns the Free On-line Dictionary of Computing into plain documents, one a line.

usage: foldoc_documents.py foldoc.dict.dz TRAIN.txt VAL.txt

The input is what Debian's package dict-foldoc carries: entries with their headwords at the left margin and a wrapped,
indented body, in dictzip, which is gzip to a reader. Each entry becomes one line; every sixteenth of the shuffled
entries is for validation. The same input gives the same lines.
"""

import gzip
import random
import re
import sys

VALIDATION_SHARE = 16
MIN_CHARACTERS = 64  # shorter entries only point at others ("See X")


def entries(lines):
    """Yields (headwords, body) with the body's line breaks undone."""
    headwords, body = [], []
    for line in lines:
        if line and not line[0].isspace():
            if body:
                yield headwords, " ".join(body)
                headwords, body = [], []
            headwords.append(line.strip())
        elif line.strip():
            body.append(line.strip())
    if body:
        yield headwords, " ".join(body)


def documents(path):
    with gzip.open(path, "rt", encoding="utf-8", errors="strict") as text:
        for headwords, body in entries(text):
            if headwords and headwords[0].startswith("00-database"):
                continue  # the package's notes about itself
            document = f"{', '.join(headwords)}. {body}".replace("{", "").replace("}", "")
            document = re.sub(r"\s+", " ", document)
            if len(document) >= MIN_CHARACTERS:
                yield document


def main(source, train_path, val_path):
    found = list(documents(source))
    random.Random(1).shuffle(found)
    with open(train_path, "w", encoding="utf-8") as train, open(val_path, "w", encoding="utf-8") as val:
        for i, document in enumerate(found):
            (val if i % VALIDATION_SHARE == 0 else train).write(document + "\n")
    print(f"{len(found):,} documents, {sum(map(len, found)):,} characters", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
