"""The C++ libraries. golf's own functions are the interface; these may change."""

from collections.abc import Sequence
from os import PathLike
from typing import Any

from numpy import ndarray

version: str
commit: str

class Error(Exception):
    code: str

class WeightReader:
    def __init__(self, path: str | PathLike[str], key: str, threads: int) -> None: ...
    def rows(self) -> list[tuple[str, str, tuple[int, ...]]]: ...
    def notes(self) -> list[str]: ...
    def config(self) -> dict[str, Any] | None: ...
    def tensor(self, row: int, widen: bool) -> tuple[str, ndarray]: ...

class PackOptions:
    recipe: str
    schemes: list[tuple[str, str]]
    codec: str
    format: str
    calibration: str | PathLike[str]
    budget: int
    code: Sequence[str | PathLike[str]]
    fit: bool
    target_gap: float | None
    model_config: str
    key: str
    tokenizer: str | PathLike[str]
    emit_decoder: str | PathLike[str]
    allow_requantize: bool
    verify: bool
    threads: int

def inspect(
    path: str | PathLike[str], by: str, filter: str, sort: str, top: int | None, key: str
) -> dict[str, Any]: ...
def check(
    paths: Sequence[str | PathLike[str]], budget: int, code: Sequence[str | PathLike[str]], key: str
) -> dict[str, Any]: ...
def audit(
    name: str | PathLike[str],
    bytes: bytes | None,
    data: str | PathLike[str],
    tokenizer: str | PathLike[str],
    mode: str,
    seq_len: int,
    stride: int,
    window_policy: str,
    pack_seqs: int | None,
    include_tail: bool,
    max_tokens: int,
    text: str | PathLike[str],
) -> dict[str, Any]: ...
def runs(folders: Sequence[str | PathLike[str]]) -> list[dict[str, Any]]: ...
def pack_file(
    input: str | PathLike[str], output: str | PathLike[str], options: PackOptions
) -> dict[str, Any]: ...
def pack_rows(
    rows: Sequence[tuple[str, str, Sequence[int], Any]], output: str | PathLike[str], options: PackOptions
) -> dict[str, Any]: ...
