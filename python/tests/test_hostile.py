"""Damaged files through the binding: whatever happens is golf.Error, and the interpreter goes on."""

import random
import tempfile
import unittest
from pathlib import Path

from support import INPUTS, tool

import golf

MUTATIONS = 60  # of each file


def mutated(random_source, raw):
    """Bits flipped, bytes overwritten, a cut, or a piece doubled."""
    data = bytearray(raw)
    # Headers are where readers go wrong.
    reach = len(data) if random_source.random() < 0.5 else min(len(data), 256)
    kind = random_source.randrange(4)
    if kind == 0:
        for _ in range(random_source.randint(1, 8)):
            data[random_source.randrange(reach)] ^= 1 << random_source.randrange(8)
    elif kind == 1:
        at = random_source.randrange(reach)
        data[at : at + 8] = random_source.randbytes(8)
    elif kind == 2:
        del data[random_source.randrange(len(data)) :]
    else:
        at = random_source.randrange(reach)
        data[at:at] = data[at : at + random_source.randint(1, 64)]
    return bytes(data)


class HostileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.outcomes = {"read": 0, "refused": 0}

    def try_all(self, path):
        def read_all():
            for array in golf.load(path).values():
                array.sum()

        attempts = (read_all, lambda: golf.inspect(path, by="tensor"), lambda: golf.check(path))
        for attempt in attempts:
            try:
                attempt()
                self.outcomes["read"] += 1
            except golf.Error as error:
                self.assertIn(path.name, str(error))
                self.assertNotIn("\n", str(error))
                self.outcomes["refused"] += 1

    def fuzz(self, seed, source):
        random_source = random.Random(seed)
        raw = source.read_bytes()
        for _ in range(MUTATIONS):
            path = self.folder / "mutated"
            path.write_bytes(mutated(random_source, raw))
            self.try_all(path)

    def test_mutated_checkpoints(self):
        for seed, name in enumerate(("tiny.safetensors", "tiny.pt", "banked.safetensors", "foreign/nested.pt")):
            self.fuzz(seed, INPUTS / name)
        self.assertGreater(self.outcomes["refused"], 100)

    def test_mutated_artifacts(self):
        options = {"a.golf": {}, "b.golf": {"codec": "zstd:3"}, "c.ptz": {"format": "ptz"},
                   "d.pgrp": {"format": "pgrp", "recipe": "pr192"}}
        for seed, (name, chosen) in enumerate(options.items()):
            golf.pack(INPUTS / "banked.safetensors", self.folder / name, **chosen)
            self.fuzz(100 + seed, self.folder / name)
        self.assertGreater(self.outcomes["refused"], 100)

    def test_mutated_artifacts_without_a_checksum_in_the_way(self):
        for path in sorted((INPUTS / "bad").iterdir()):
            self.try_all(path)
        self.assertGreater(self.outcomes["refused"], 10)

    def test_mutated_data_of_a_score(self):
        random_source = random.Random(7)
        good = {"data": INPUTS / "shard.bin", "tokenizer": INPUTS / "tokenizer1024.model"}
        refused = 0
        for round_ in range(2 * MUTATIONS):
            part = ("data", "tokenizer", "losses")[round_ % 3]
            losses = self.folder / "nll.npy"
            losses.write_bytes(b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, "
                               b"'shape': (768,), }".ljust(117) + b"\n" + 768 * b"\0\0\x80?")
            files = {"losses": losses, **good}
            changed = self.folder / "mutated"
            changed.write_bytes(mutated(random_source, files[part].read_bytes()))
            try:
                golf.bpb(**{**files, part: changed}, seq_len=256)
            except golf.Error as error:
                self.assertNotIn("\n", str(error))
                refused += 1
        self.assertGreater(refused, MUTATIONS // 2)

    def test_odd_arguments_are_python_errors(self):
        for call in (lambda: golf.load(3), lambda: golf.load(b"\0"), lambda: golf.load("a\0b"),
                     lambda: golf.check([None]), lambda: golf.inspect(INPUTS / "tiny.pt", top="x"),
                     lambda: golf.pack({3: [1.0]}), lambda: golf.pack(INPUTS / "tiny.pt", budget=-1),
                     lambda: golf.runs(7)):
            with self.assertRaises((TypeError, ValueError, OverflowError, golf.Error)):
                call()

    def test_a_path_that_is_not_utf8_is_read(self):
        path = self.folder.as_posix().encode() + b"/\xff.safetensors"
        Path(path.decode(errors="surrogateescape")).write_bytes((INPUTS / "tiny.safetensors").read_bytes())
        self.assertGreater(len(golf.load(path)), 0)
        with self.assertRaises(golf.Error):
            golf.load(path + b"x")

    def test_a_hyphen_is_a_file(self):
        with self.assertRaisesRegex(golf.Error, "/-"):
            golf.load("-")

    def test_the_programs_refuse_too(self):
        path = self.folder / "cut.golf"
        golf.pack(INPUTS / "tiny.safetensors", path)
        path.write_bytes(path.read_bytes()[:-1])
        result = tool("golf-inspect", path)
        self.assertEqual(result.returncode, 3)
        with self.assertRaises(golf.Error) as caught:
            golf.inspect(path)
        self.assertEqual(result.stderr, f"golf-inspect: {caught.exception}\n")


if __name__ == "__main__":
    unittest.main()
