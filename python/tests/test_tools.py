import json
import math
import tempfile
import unittest
from pathlib import Path

import numpy as np
from support import INPUTS, read_safetensors, tool

import golf


class ToolsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program_json(self, *arguments, status=0):
        result = tool(*arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        return json.loads(result.stdout)

    def test_the_programs_start(self):
        for name in ("golf-pack", "golf-inspect", "golf-eval"):
            self.assertIn(golf.__version__, tool(name, "--version").stdout)

    def test_inspect_says_what_the_program_says(self):
        golf.pack(INPUTS / "tiny.safetensors", self.folder / "t.golf")
        for path in (INPUTS / "tiny.safetensors", self.folder / "t.golf", INPUTS / "shard.bin",
                     INPUTS / "tokenizer.model", INPUTS / "nan.safetensors"):
            expected = self.program_json("golf-inspect", path, "--json")["files"][0]
            expected.pop("budget", None)
            self.assertEqual(golf.inspect(path), expected)
        by_tensor = golf.inspect(self.folder / "t.golf", by="tensor", filter="mlp", top=2, sort="name")
        expected = self.program_json("golf-inspect", self.folder / "t.golf", "--by", "tensor", "--filter", "mlp",
                                     "--top", 2, "--sort", "name", "--json")["files"][0]
        self.assertEqual(by_tensor["rows"], expected["rows"])
        self.assertEqual(sum(row["bytes"] for row in by_tensor["rows"]), by_tensor["bytes"])

    def test_inspect_refuses_what_the_options_refuse(self):
        for options, message in (({"by": "size"}, "expected tensor, group"), ({"filter": "("}, "filter: "),
                                 ({"sort": "size"}, "sort: expected bytes"), ({"top": -1}, "top: ")):
            with self.assertRaisesRegex(golf.Error, message) as caught:
                golf.inspect(INPUTS / "tiny.safetensors", **options)
            self.assertEqual(caught.exception.code, "invalid_argument")

    def test_check_gates_at_the_last_byte(self):
        path, code = self.folder / "t.golf", self.folder / "train.py"
        size = golf.pack(INPUTS / "tiny.safetensors", path)["artifact"]["bytes"]
        code.write_text("x" * 10)
        self.assertEqual(size, path.stat().st_size)
        self.assertTrue(golf.check(path, code=code, budget=size + 10)["passed"])
        over = golf.check([path, INPUTS / "shard.bin"], code=[code], budget=size + 9)
        self.assertFalse(over["passed"])
        self.assertEqual(over["files"][0]["budget"]["margin_bytes"], -1)
        expected = self.program_json("golf-inspect", "--check", path, INPUTS / "shard.bin", "--code", code,
                                     "--budget", size + 9, "--json", status=1)
        self.assertEqual(over["files"], expected["files"])

    def test_pack_writes_the_bytes_of_golf_pack(self):
        golf.pack(INPUTS / "tiny.safetensors", self.folder / "m.golf", recipe="mixed-int6", codec="zstd:5",
                  schemes={"mlp": "int5"})
        tool("golf-pack", INPUTS / "tiny.safetensors", "-o", self.folder / "p.golf", "--recipe", "mixed-int6",
             "--codec", "zstd:5", "--set", "mlp=int5")
        module, program = golf.load(self.folder / "m.golf"), golf.load(self.folder / "p.golf")
        for name in program:
            np.testing.assert_array_equal(module[name], program[name])
        # Only the name of the tool differs.
        self.assertEqual(golf.inspect(self.folder / "m.golf", by="tensor", filter="weight")["rows"][:3],
                         golf.inspect(self.folder / "p.golf", by="tensor", filter="weight")["rows"][:3])

    def test_pack_takes_a_state_dict(self):
        arrays = read_safetensors(INPUTS / "bare.safetensors")
        from_dict = golf.pack(arrays, self.folder / "a.ptz", format="ptz")
        golf.pack(INPUTS / "bare.safetensors", self.folder / "b.ptz", format="ptz")
        self.assertEqual((self.folder / "a.ptz").read_bytes(), (self.folder / "b.ptz").read_bytes())
        self.assertEqual(from_dict["input"]["path"], "state_dict")
        self.assertEqual(from_dict["artifact"]["path"], str(self.folder / "a.ptz"))
        big_endian = {name: array.astype(">f4") for name, array in arrays.items()}
        golf.pack(big_endian, self.folder / "c.ptz", format="ptz")
        self.assertEqual((self.folder / "a.ptz").read_bytes(), (self.folder / "c.ptz").read_bytes())

    def test_pack_takes_strided_and_scalar_arrays(self):
        matrix = np.arange(24, dtype=np.float32).reshape(4, 6)
        model = {"w": matrix.T, "half": matrix[::2, ::3], "scalar": np.float32(3)}
        golf.pack(model, self.folder / "s.golf", recipe="baseline-int8", schemes={".": "fp32"})
        weights = golf.load(self.folder / "s.golf")
        for name, array in model.items():
            self.assertEqual(weights.shape(name), array.shape)
            np.testing.assert_array_equal(weights[name], array)

    def test_pack_fits_a_budget(self):
        report = golf.pack(INPUTS / "tiny.safetensors", self.folder / "f.golf", fit=True, budget=200_000,
                           codec="zstd:1", code=INPUTS / "shard.bin")
        self.assertTrue(report["budget"]["fits"])
        self.assertIn("fit", report)

    def test_pack_without_an_output_writes_nothing(self):
        report = golf.pack(INPUTS / "tiny.safetensors", budget=1000)
        self.assertIsNone(report["artifact"]["path"])
        self.assertFalse(report["budget"]["fits"])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_pack_refuses_in_one_line_and_writes_nothing(self):
        artifact = self.folder / "t.golf"
        golf.pack(INPUTS / "tiny.safetensors", artifact)
        before = artifact.read_bytes()
        output = self.folder / "out.golf"
        for model, options, message in (
                ({"w": np.zeros(3, np.complex128)}, {}, 'tensor "w": dtype complex128'),
                ({"w": np.full((3, 3), np.nan, np.float32)}, {}, 'tensor "w"'),
                (INPUTS / "nan.safetensors", {}, "nan"),
                (INPUTS / "tiny.safetensors", {"recipe": "no-such"}, "no-such"),
                (INPUTS / "tiny.safetensors", {"codec": "zstd:99"}, "zstd"),
                (INPUTS / "tiny.safetensors", {"format": "zip"}, "expected golf, ptz"),
                (INPUTS / "tiny.safetensors", {"schemes": {"nothing": "int6"}}, "nothing"),
                (INPUTS / "tiny.safetensors", {"target_gap": 0.1}, "belongs to fit"),
                (artifact, {"recipe": "mixed-int6"}, "allow_requantize=True"),
                ({"w": "text"}, {}, 'tensor "w": dtype str')):
            with self.subTest(message):
                with self.assertRaises(golf.Error) as caught:
                    golf.pack(model, output, **options)
                self.assertIn(message, str(caught.exception))
                self.assertFalse(output.exists())
        with self.assertRaisesRegex(golf.Error, "is also the input"):
            golf.pack(artifact, artifact)
        self.assertEqual(artifact.read_bytes(), before)
        with self.assertRaises(TypeError):
            golf.pack({"w": object()}, output)

    def test_bpb_is_what_the_audit_says(self):
        data, tokenizer = INPUTS / "shard.bin", INPUTS / "tokenizer1024.model"
        losses = np.linspace(0.5, 3.5, 768).astype(np.float32)
        losses.tofile(self.folder / "nll.f32")
        np.save(self.folder / "nll.npy", losses)
        expected = self.program_json("golf-eval", "audit", self.folder / "nll.f32", "--data", data, "--tokenizer",
                                     tokenizer, "--seq-len", 256, "--json")
        report = golf.audit(losses, data, tokenizer, seq_len=256)
        for part in ("data", "tokenizer", "result", "byte_count_check"):
            self.assertEqual(report[part], expected[part])
        bpb = expected["result"]["val_bpb"]
        for given in (losses, losses.reshape(3, 256), losses.astype(">f4"), self.folder / "nll.npy",
                      str(self.folder / "nll.f32")):
            self.assertEqual(golf.bpb(given, data, tokenizer, seq_len=256), bpb)
        # By hand: nats over ln 2 over the bytes of the text.
        result = report["result"]
        nats = float(losses.astype(np.float64).sum())
        self.assertAlmostEqual(bpb, nats / math.log(2) / result["bytes"], places=12)

    def test_bpb_refuses_what_is_no_score(self):
        data, tokenizer = INPUTS / "shard.bin", INPUTS / "tokenizer1024.model"
        losses = np.ones(768, np.float32)
        for bad, options, message in ((losses[:-1], {}, "768 losses expected"), (-losses, {}, "below 0"),
                                      (losses * np.nan, {}, "not finite"),
                                      (losses, {"mode": "slide"}, "standard, sliding"),
                                      (losses, {"mode": "sliding", "stride": 300}, "300"),
                                      (losses, {"window_policy": "no"}, "no")):
            with self.subTest(message), self.assertRaisesRegex(golf.Error, message):
                golf.bpb(bad, data, tokenizer, **{"seq_len": 256, **options})

    def test_runs_are_columns(self):
        for name, offset in (("one", 0.0), ("two", 1.0)):
            folder = self.folder / name
            folder.mkdir()
            records = [{"kind": "run", "schema": "golf.metrics/1", "parameters": 5,
                        "config": {"name": name, "schedule": {"iterations": 3}}}]
            for step in (1, 2):
                records.append({"kind": "step", "step": step, "train_loss": 4.0 - step + offset,
                                "lr_multiplier": 1.0, "train_ms": 10.0 * step, "tokens": 100 * step})
            records.append({"kind": "validation", "step": 2, "val_loss": 2.5 + offset, "val_bpb": 1.5 + offset})
            lines = "".join(json.dumps(record) + "\n" for record in records)
            (folder / "metrics.jsonl").write_text(lines + '{"kind": "st')  # still being written
        columns = golf.runs(self.folder)
        self.assertEqual(columns, golf.runs(self.folder / "one", self.folder / "two") | {})
        self.assertEqual({len(column) for column in columns.values()}, {4})
        self.assertEqual(columns["run"], ["one", "one", "two", "two"])
        self.assertEqual(columns["step"], [1, 2, 1, 2])
        self.assertEqual(columns["train_loss"], [3.0, 2.0, 4.0, 3.0])
        self.assertEqual(columns["tokens"], [100, 200, 100, 200])
        self.assertEqual(columns["val_bpb"][1::2], [1.5, 2.5])
        self.assertTrue(math.isnan(columns["val_bpb"][0]))
        with self.assertRaisesRegex(golf.Error, "no metrics.jsonl"):
            golf.runs(self.folder / "none")
        (self.folder / "one/metrics.jsonl").write_text('{"kind": "step"}\n')
        with self.assertRaisesRegex(golf.Error, "metrics.jsonl:1"):
            golf.runs(self.folder / "one")


if __name__ == "__main__":
    unittest.main()
