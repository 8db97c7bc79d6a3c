"""Tools for OpenAI's Parameter Golf: read, measure and pack models.

>>> import golf
>>> weights = golf.load("model.golf")             # NumPy arrays by name, each decoded when asked for
>>> golf.inspect("model.golf", by="layer")        # where the bytes are
>>> golf.check("model.golf", code="train_gpt.py")["passed"]
>>> golf.pack(model.state_dict(), "model.golf")   # quantize and compress
>>> golf.bpb("nll.npy", "data/", "fineweb_1024_bpe.model")

Everything that is wrong with a file raises golf.Error with the line that golf-pack, golf-inspect and golf-eval
print. The programs themselves come with the package. https://pypi.org/project/nanobind binds the C++ libraries.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union

from . import _native
from ._native import Error

if TYPE_CHECKING:
    import numpy
    import torch

__version__: str = _native.version
__all__ = ["Error", "Weights", "audit", "bpb", "check", "inspect", "load", "pack", "runs"]

PathLike = Union[str, "os.PathLike[str]"]
#: NumPy's name of each dtype that NumPy has only with the package ml_dtypes.
_ML_DTYPES = ("bfloat16", "float8_e4m3fn", "float8_e5m2")


class Weights(Mapping[str, "numpy.ndarray"]):
    """The tensors of a checkpoint or artifact by name, in the order of the checkpoint.

    Indexing decodes one tensor into a new array, [rows, columns] as in the checkpoint; keep the array to use it
    twice. Threads may share the object. ``golf.load`` makes it.
    """

    def __init__(self, reader: _native.WeightReader, small_floats: str) -> None:
        self._reader = reader
        self._small_floats = small_floats
        self._rows = {name: (row, dtype, shape) for row, (name, dtype, shape) in enumerate(reader.rows())}

    def __getitem__(self, name: str) -> numpy.ndarray:
        row, _, shape = self._rows[name]
        dtype, raw = self._reader.tensor(row, widen=self._small_floats == "float32")
        if dtype in _ML_DTYPES:
            import ml_dtypes

            dtype = getattr(ml_dtypes, dtype)
        return raw.view(dtype).reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __repr__(self) -> str:
        elements = sum(math.prod(shape) for _, _, shape in self._rows.values())
        return f"<golf.Weights: {len(self)} tensors, {elements:,} elements>"

    def dtype(self, name: str) -> str:
        """The dtype in the checkpoint, as torch names it: "bfloat16". Nothing is decoded."""
        return self._rows[name][1]

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor. Nothing is decoded."""
        return self._rows[name][2]

    @property
    def notes(self) -> list[str]:
        """What was done to read the file, such as a prefix "module." taken off all names: sentences."""
        return self._reader.notes()

    @property
    def config(self) -> dict[str, Any] | None:
        """The model configuration in the file, as ``golf-inspect config`` prints it; None: it has none."""
        return self._reader.config()

    def to_torch(self) -> dict[str, torch.Tensor]:
        """All tensors in torch, bfloat16 and float8 in those dtypes: for ``model.load_state_dict``."""
        import torch

        state = {}
        for name, (row, dtype, shape) in self._rows.items():
            _, raw = self._reader.tensor(row, widen=False)
            state[name] = torch.from_numpy(raw).view(getattr(torch, dtype)).reshape(shape)
        return state


def load(
    path: PathLike,
    *,
    small_floats: Literal["float32", "ml_dtypes"] = "float32",
    key: str | None = None,
    threads: int = 0,
) -> Weights:
    """Opens an artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt) as arrays by name.

    Names, shapes and dtypes are those of the checkpoint that was packed: parameter banks are joined, a tied head
    stands beside the embedding. An artifact is decompressed and checked at once, and each tensor is dequantized
    when it is asked for. Nothing in a file is executed: a pickle is read as data.

    :param path: a file, the index of a checkpoint in parts, or the folder of one
    :param small_floats: NumPy has neither bfloat16 nor float8. "float32" holds each of their values exactly;
        "ml_dtypes" gives arrays of the dtypes of that package
    :param key: the state dict to read in a torch file that holds several: "ema", "train.model"
    :param threads: for decompression; 0: all cores
    :raises Error: naming the file and the place
    :raises ImportError: without NumPy
    """
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise ImportError("golf.load gives NumPy arrays: pip install numpy") from None
    if small_floats not in ("float32", "ml_dtypes"):
        raise ValueError(f'small_floats: "float32" or "ml_dtypes" expected, found {small_floats!r}')
    if small_floats == "ml_dtypes":
        try:
            import ml_dtypes  # noqa: F401
        except ImportError:
            raise ImportError('small_floats="ml_dtypes": pip install ml_dtypes') from None
    return Weights(_native.WeightReader(path, key or "", threads), small_floats)


def inspect(
    path: PathLike,
    *,
    by: Literal["tensor", "group", "layer", "scheme"] = "group",
    filter: str = "",
    sort: Literal["bytes", "name", "weights", "bits", "raw", "file"] = "bytes",
    top: int | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    """Where the bytes of a file are: what ``golf-inspect --json`` has under "files" for it.

    "rows" sum exactly to "bytes". The weights of a .golf file are not decoded. docs/CLI.md has the schema.

    :param path: artifact, checkpoint, token shard or SentencePiece model; its content tells the kind
    :param by: what a row is
    :param filter: regex (RE2) searched in tensor names; the other tensors become one row
    :param top: so many rows; the others become one
    :raises Error: naming the file and the place
    """
    return _native.inspect(path, by=by, filter=filter, sort=sort, top=top, key=key or "")


def check(
    paths: PathLike | Iterable[PathLike],
    *,
    budget: int = 16_000_000,
    code: PathLike | Iterable[PathLike] = (),
    key: str | None = None,
) -> dict[str, Any]:
    """Holds files against the size limit, as ``golf-inspect --check`` does.

    ``{"passed": bool, "files": [...]}``; each file has ``["budget"]`` with "fits", "total_bytes", "margin_bytes"
    (negative: over). Any file is counted; a damaged artifact is an error.

    :param paths: one file or several, each held against the limit by itself
    :param budget: bytes, of artifact and code together
    :param code: files or folders of sources that count with each file
    :raises Error: naming the file and the place
    """
    return _native.check(_paths(paths), budget=budget, code=_paths(code), key=key or "")


def pack(
    model: PathLike | Mapping[str, Any],
    output: PathLike | None = None,
    *,
    recipe: PathLike | None = None,
    codec: str | None = None,
    schemes: Mapping[str, str] | None = None,
    format: Literal["golf", "ptz", "pgrp", "gptq"] = "golf",
    calibration: PathLike | None = None,
    budget: int = 16_000_000,
    code: PathLike | Iterable[PathLike] = (),
    fit: bool = False,
    target_gap: float | None = None,
    model_config: PathLike | None = None,
    key: str | None = None,
    tokenizer: PathLike | None = None,
    emit_decoder: PathLike | None = None,
    allow_requantize: bool = False,
    verify: bool = True,
    threads: int = 0,
) -> dict[str, Any]:
    """Quantizes, compresses and verifies a model, as golf-pack does; the parameters are its options.

    The result is what ``golf-pack --json`` prints: "artifact", "budget" (with "fits"), "groups". The artifact is
    written when it is over budget, too. Its bytes depend on model, options and version only.

    :param model: a checkpoint's or artifact's path, or a state dict: name to array or torch tensor, on any device
    :param output: artifact to write, whole or not at all; None: sizes only
    :param recipe: a built-in name (``golf-pack recipes``) or a JSON file; None: "best", for .ptz "baseline-int8"
    :param codec: "golf", "zstd:22", "lzma:9e", ...; None: the recipe's
    :param schemes: scheme for the tensors whose name a regex matches, {"mlp": "int6"}; the last match wins
    :param budget: bytes, of artifact and code together
    :param fit: the finest steps with which artifact and code fit the budget; takes minutes for large models
    :param target_gap: with fit: instead of a size, the predicted rise of the score, bits per byte
    :param tokenizer: SentencePiece model whose SHA-256 the artifact records
    :param emit_decoder: write Python source there that reads the artifact with NumPy; its bytes count as code
    :raises Error: naming the model and the tensor
    """
    options = _native.PackOptions()
    options.recipe = os.fspath(recipe) if recipe is not None else ""
    options.codec = codec or ""
    options.schemes = list((schemes or {}).items())
    options.format = format
    options.calibration = calibration if calibration is not None else ""
    options.budget = budget
    options.code = _paths(code)
    options.fit = fit
    options.target_gap = target_gap
    options.model_config = os.fspath(model_config) if model_config is not None else ""
    options.key = key or ""
    options.tokenizer = tokenizer if tokenizer is not None else ""
    options.emit_decoder = emit_decoder if emit_decoder is not None else ""
    options.allow_requantize = allow_requantize
    options.verify = verify
    options.threads = threads
    target = output if output is not None else ""
    if isinstance(model, Mapping):
        return _native.pack_rows([_row(name, value) for name, value in model.items()], target, options)
    return _native.pack_file(model, target, options)


def audit(
    losses: Any,
    data: PathLike,
    tokenizer: PathLike,
    *,
    mode: Literal["standard", "sliding", "documents", "streaming"] = "standard",
    seq_len: int = 1024,
    stride: int = 64,
    window_policy: str = "once",
    pack_seqs: int | None = None,
    include_tail: bool = False,
    max_tokens: int = 0,
    text: PathLike | None = None,
) -> dict[str, Any]:
    """Recomputes a score from per-token losses: what ``golf-eval audit --json`` prints. Runs no model.

    :param losses: nats, one for each scored token in window order: an array or CPU tensor of any shape, or a
        file, .npy or raw, of float32 or float64
    :param data: validation shards: a glob, a file, or a folder of fineweb_val_*.bin
    :param tokenizer: the SentencePiece model that the shards were made with
    :param seq_len: tokens in one window
    :param stride: with mode "sliding": tokens between windows
    :param window_policy: with mode "sliding": "once", "pr88", "pr192", "pr262", "pr993"
    :param pack_seqs: with mode "documents" or "streaming": sequences in one pass; None: the mode's default
    :param max_tokens: read only the first tokens; 0: all
    :param text: the text itself, one document a line; its bytes are then compared with the counted ones
    :raises Error: a number of losses that does not suit the windows; bytes that are not those of the text
    """
    if isinstance(losses, (str, os.PathLike)):
        name, dump = losses, None
    else:
        name, dump = "losses", _npy(losses)
    return _native.audit(
        name,
        dump,
        data,
        tokenizer,
        mode=mode,
        seq_len=seq_len,
        stride=stride,
        window_policy=window_policy,
        pack_seqs=pack_seqs,
        include_tail=include_tail,
        max_tokens=max_tokens,
        text=text if text is not None else "",
    )


def bpb(losses: Any, data: PathLike, tokenizer: PathLike, **windows: Any) -> float:
    """Bits per byte of text that per-token losses (nats) come to: ``audit``'s val_bpb, with its parameters."""
    return audit(losses, data, tokenizer, **windows)["result"]["val_bpb"]


def runs(*folders: PathLike) -> dict[str, list[Any]]:
    """The recorded steps of training runs as columns: ``pandas.DataFrame(golf.runs("runs"))``.

    A row is a step of a run that has a training loss, a validation, or both; nan stands for what was not
    measured. Works while a run is going on.

    ======================  =======================================================
    run                     name of the folder
    step                    1, 2, ...
    tokens                  trained on since the start
    train_ms                milliseconds since the start, validation excluded
    lr_multiplier           of the learning rates
    train_loss, val_loss    nats a token
    val_bpb                 bits a byte
    ======================  =======================================================

    :param folders: what golf-train wrote, or folders of such folders
    :raises Error: naming file and line
    """
    columns: dict[str, list[Any]] = {name: [] for name in ("run", "step", *_STEP_COLUMNS, *_VALIDATION_COLUMNS)}
    for run in _native.runs([run for folder in folders for run in _run_folders(Path(folder))]):
        steps = {row[0]: row[1:] for row in run["steps"]}
        validations = {row[0]: row[1:] for row in run["validations"]}
        for step in sorted(steps.keys() | validations.keys()):
            columns["run"].append(Path(run["path"]).name)
            columns["step"].append(step)
            for names, rows in ((_STEP_COLUMNS, steps), (_VALIDATION_COLUMNS, validations)):
                for name, value in zip(names, rows.get(step, [math.nan] * len(names))):
                    columns[name].append(value)
    return columns


_STEP_COLUMNS = ("tokens", "train_ms", "lr_multiplier", "train_loss")
_VALIDATION_COLUMNS = ("val_loss", "val_bpb")


def _run_folders(folder: Path) -> list[Path]:
    """The folder itself, or those in it that are runs; the folder again when there are none, for the error."""
    if (folder / "metrics.jsonl").exists() or not folder.is_dir():
        return [folder]
    return sorted(inner for inner in folder.iterdir() if (inner / "metrics.jsonl").exists()) or [folder]


def _paths(paths: PathLike | Iterable[PathLike]) -> list[PathLike]:
    return [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)


def _npy(losses: Any) -> bytes:
    import numpy

    array = numpy.asarray(losses.detach().cpu() if hasattr(losses, "detach") else losses)
    if array.dtype not in (numpy.float32, numpy.float64):
        array = array.astype(numpy.float64)
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))))
    return buffer.getvalue()


def _row(name: str, value: Any) -> tuple[str, str, Sequence[int], Any]:
    """A tensor's name, dtype, shape, and its elements as a flat array of uint8."""
    if hasattr(value, "detach"):  # torch
        import torch

        value = value.detach().cpu().contiguous()
        dtype = str(value.dtype).removeprefix("torch.")
        return name, dtype, list(value.shape), value.reshape(-1).view(torch.uint8)
    import numpy

    array = numpy.asarray(value)
    if array.dtype.hasobject:
        raise TypeError(f"{name}: an array or tensor expected, found {type(value).__name__}")
    shape = list(array.shape)
    array = numpy.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))
    return name, array.dtype.name, shape, array.reshape(-1).view(numpy.uint8)
