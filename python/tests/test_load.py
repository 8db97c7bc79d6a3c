import tempfile
import threading
import unittest
from pathlib import Path

import ml_dtypes
import numpy as np
from support import INPUTS, read_safetensors, tool, write_safetensors

import golf


class LoadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def assert_same(self, weights, expected, small_floats="ml_dtypes"):
        self.assertEqual(list(weights), list(expected))
        for name, array in expected.items():
            self.assertEqual(weights.shape(name), array.shape, name)
            self.assertEqual(weights.dtype(name), array.dtype.name, name)
            found = weights[name]
            if small_floats == "ml_dtypes":
                self.assertEqual(found.dtype, array.dtype, name)
            np.testing.assert_array_equal(found.astype(np.float32), array.astype(np.float32), name)

    def test_a_checkpoint_is_read_as_an_independent_reader_reads_it(self):
        for name in ("tiny.safetensors", "banked.safetensors", "foreign/f8.safetensors", "foreign/tied.safetensors",
                     "foreign/bfloat16.safetensors", "foreign/float64.safetensors"):
            with self.subTest(name):
                self.assert_same(golf.load(INPUTS / name, small_floats="ml_dtypes"), read_safetensors(INPUTS / name))

    def test_a_torch_file_has_the_tensors_of_the_safetensors_file(self):
        expected = read_safetensors(INPUTS / "bare.safetensors")
        self.assert_same(golf.load(INPUTS / "tiny.pt"), expected)

    def test_wrappers_prefixes_are_taken_off_with_a_note(self):
        weights = golf.load(INPUTS / "foreign/both.safetensors")
        self.assertEqual(sorted(weights), sorted(read_safetensors(INPUTS / "foreign/plain.safetensors")))
        self.assertIn("module._orig_mod.", weights.notes[0])

    def test_a_state_dict_is_chosen_by_key(self):
        with self.assertRaisesRegex(golf.Error, "choose one with --key"):
            golf.load(INPUTS / "foreign/two.pt")
        self.assertEqual(len(golf.load(INPUTS / "foreign/two.pt", key="ema")),
                         len(golf.load(INPUTS / "foreign/plain.safetensors")))

    def test_a_checkpoint_in_parts_is_read_by_its_index(self):
        weights = golf.load(INPUTS / "foreign/model.safetensors.index.json")
        plain = golf.load(INPUTS / "foreign/plain.safetensors")
        self.assertEqual(sorted(weights), sorted(plain))
        for name in plain:
            np.testing.assert_array_equal(weights[name], plain[name])

    def test_every_artifact_gives_what_unpack_writes(self):
        for name, options in (("a.golf", []), ("b.golf", ["--codec", "zstd:3"]),
                              ("c.ptz", ["--format", "ptz"]), ("d.ptz", ["--format", "ptz", "--recipe", "pr993"]),
                              ("e.pgrp", ["--format", "pgrp", "--recipe", "pr192"])):
            # Only a .golf file has a place for the name of a tied head.
            for model in ("banked.safetensors", *["foreign/tied.safetensors"] * name.endswith(".golf")):
                with self.subTest(name=name, model=model):
                    artifact, plain = self.folder / name, self.folder / "plain.safetensors"
                    packed = tool("golf-pack", INPUTS / model, "-o", artifact, "--keep-float-max", 100, *options)
                    self.assertEqual(packed.returncode, 0, packed.stderr)
                    self.assertEqual(tool("golf-pack", "unpack", artifact, "-o", plain).returncode, 0)
                    self.assert_same(golf.load(artifact), read_safetensors(plain))
                    self.assertEqual(set(golf.load(artifact)), set(read_safetensors(INPUTS / model)))

    def test_floats_that_are_kept_come_back_to_the_bit(self):
        for model in ("tiny.safetensors", "banked.safetensors"):
            artifact = self.folder / "kept.golf"
            golf.pack(INPUTS / model, artifact, recipe="baseline-int8", schemes={".": "fp32"})
            self.assert_same(golf.load(artifact), read_safetensors(INPUTS / model))

    def test_small_floats_are_float32_unless_asked_for(self):
        values = np.arange(-60, 60, dtype=np.float32).reshape(4, 30)
        arrays = {"b": values.astype(ml_dtypes.bfloat16), "e4": values.astype(ml_dtypes.float8_e4m3fn),
                  "e5": values.astype(ml_dtypes.float8_e5m2)}
        write_safetensors(self.folder / "small.safetensors", arrays)
        weights = golf.load(self.folder / "small.safetensors")
        for name, array in arrays.items():
            self.assertEqual(weights[name].dtype, np.float32)
            self.assertEqual(weights.dtype(name), array.dtype.name)
            np.testing.assert_array_equal(weights[name], array.astype(np.float32))
        exact = golf.load(self.folder / "small.safetensors", small_floats="ml_dtypes")
        self.assertEqual(exact["b"].dtype, ml_dtypes.bfloat16)

    def test_all_dtypes_and_shapes_survive(self):
        arrays = {
            "scalar": np.array(2.5, np.float64), "empty": np.zeros((0, 3), np.float16),
            "flags": np.array([True, False]), "counts": np.arange(6, dtype=np.int64).reshape(1, 2, 3),
            "bytes": np.array([0, 255], np.uint8), "nan": np.array([np.nan, np.inf], np.float32),
        }
        write_safetensors(self.folder / "all.safetensors", arrays)
        weights = golf.load(self.folder / "all.safetensors")
        self.assertEqual(set(weights), set(arrays))
        for name, array in arrays.items():
            self.assertEqual((weights[name].dtype, weights[name].shape), (array.dtype, array.shape))
            np.testing.assert_array_equal(weights[name], array)

    def test_an_array_is_the_callers_own(self):
        weights = golf.load(INPUTS / "tiny.safetensors")
        name = next(iter(weights))
        first = weights[name]
        first[:] = 7
        self.assertFalse(np.array_equal(weights[name], first))
        del weights
        self.assertTrue((first == 7).all())

    def test_it_is_a_mapping(self):
        weights = golf.load(INPUTS / "tiny.safetensors")
        self.assertIn("tok_emb.weight", weights)
        self.assertNotIn("no such", weights)
        self.assertIsNone(weights.get("no such"))
        with self.assertRaises(KeyError):
            weights["no such"]
        self.assertIn("tensors", repr(weights))
        self.assertEqual(weights.config["model"]["vocab_size"], weights.shape("tok_emb.weight")[0])
        self.assertIsNone(golf.load(INPUTS / "bare.safetensors").config)

    def test_threads_share_it(self):
        golf.pack(INPUTS / "tiny.safetensors", self.folder / "t.golf")
        weights = golf.load(self.folder / "t.golf")
        expected = dict(weights)
        wrong = []

        def read():
            for name in weights:
                if not np.array_equal(weights[name], expected[name]):
                    wrong.append(name)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_an_error_is_the_line_of_the_tools(self):
        for path in (INPUTS / "missing.golf", INPUTS / "foreign/array.npz", INPUTS / "shard.bin"):
            with self.assertRaises(golf.Error) as caught:
                golf.load(path)
            self.assertIn(str(path), str(caught.exception))
            self.assertNotIn("\n", str(caught.exception))
        self.assertEqual(caught.exception.code, "unsupported")
        with self.assertRaisesRegex(ValueError, "small_floats"):
            golf.load(INPUTS / "tiny.safetensors", small_floats="float16")

    def test_to_torch_gives_a_state_dict_in_the_original_dtypes(self):
        try:
            import torch
        except ImportError:
            self.skipTest("no torch in this environment")
        state = golf.load(INPUTS / "foreign/bfloat16.safetensors").to_torch()
        for name, array in read_safetensors(INPUTS / "foreign/bfloat16.safetensors").items():
            self.assertEqual(str(state[name].dtype), f"torch.{array.dtype.name}")
            np.testing.assert_array_equal(state[name].float().numpy(), array.astype(np.float32))


if __name__ == "__main__":
    unittest.main()
