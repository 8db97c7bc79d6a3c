"""Joins the sources of the Python decoder into pieces and minifies them: assemble.py FOLDER.

golf-pack --emit-decoder joins one stream piece, one load piece and, for checkpoints with parameter banks, banks.
scripts/make_python_decoder.sh runs this with the version of python-minifier that wrote the committed pieces.
"""
import ast
import builtins
import collections
import itertools
import pathlib
import re
import string
import sys

import python_minifier

HERE = pathlib.Path(__file__).parent
STREAM = ["integers", "side", "values", "prediction", "tensors"]
COMPILED = ["side", "compiled"]
LOAD = ["load"]
BANKS = ["banks"]
FEATURES = ["PREDICTION", "SEARCH", "GRID", "TRELLIS", "BF16"]
# What the load pieces use of the stream pieces.
SHARED = ["np", "defaultdict", "stream", "varint"]


class Choose(ast.NodeTransformer):
    """Replaces features by True or False, and drops the branches that are never taken."""

    def __init__(self, features):
        self.features = features

    def visit_FunctionDef(self, node):
        # Nothing passes arguments by name: so they can be renamed.
        self.generic_visit(node)
        node.args.posonlyargs, node.args.args = node.args.args, []
        return node

    def visit_Name(self, node):
        return ast.Constant(node.id in self.features) if node.id in FEATURES else node

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        decides = isinstance(node.op, ast.Or)
        values = []
        for value in node.values:
            if not isinstance(value, ast.Constant) or not isinstance(value.value, bool):
                values.append(value)
            elif value.value == decides:
                return value
        return values[0] if len(values) == 1 else ast.BoolOp(node.op, values)

    def visit_If(self, node):
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_IfExp(self, node):
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node


class Rename(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_FunctionDef(self, node):
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


def uses(tree, name):
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


# Of C and its library, and what Python calls.
C_NAMES = """break calloc char const continue define do double else for free golf_stream h if include int long malloc math
memcpy memset return short signed sizeof sqrt static stdlib string struct typedef unsigned void while abs""".split()


def minified_c(text):
    """C without comments and spaces, its names shortened, the most frequent ones the most."""
    text = re.sub(r"//.*", "", text)
    tokens = re.findall(r"#.*|\w+|[^\w\s]", text)
    words = [word for token in tokens for word in re.findall(r"\w+", token)]
    names = collections.Counter(word for word in words if word not in C_NAMES and not word[0].isdigit())
    letters = string.ascii_letters
    short = (name for name in itertools.chain(letters, map("".join, itertools.product(letters, repeat=2))) if name not in C_NAMES)
    renamed = {name: next(short) for name, _ in names.most_common()}
    rename = lambda token: re.sub(r"\w+", lambda match: renamed.get(match[0], match[0]), token)
    result = ""
    for token in tokens:
        if token[0] == "#":
            result += ("" if result.endswith("\n") else "\n") + rename(token.strip()) + "\n"
            continue
        token = rename(token)
        merges = result and (result[-1] + token[0]).isidentifier() or result[-1:].isalnum() and token[0].isalnum()
        result += " " * bool(merges) + token
    return result.lstrip()


def piece(modules, features, wanted, is_first):
    """Source of the modules in one, without what `wanted` does not need."""
    body = []
    if modules == COMPILED:
        source = minified_c((HERE / "stream.c").read_text())
        body = ast.parse(f"SOURCE = {source.encode()!r}").body
    for module in modules:
        tree = Choose(features).visit(ast.parse((HERE / f"{module}.py").read_text()))
        for node in tree.body:
            local = isinstance(node, ast.ImportFrom) and node.module in STREAM + LOAD + BANKS + ["features", "source"]
            imported = isinstance(node, (ast.Import, ast.ImportFrom))
            if not local and not (imported and ast.dump(node) in map(ast.dump, body)):
                body.append(node)
    # Functions and tables that nothing calls any more, last ones first.
    for node in reversed(body[:]):
        rest = ast.Module([other for other in body if other is not node], [])
        names = [node.name] if isinstance(node, ast.FunctionDef) else []
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.asname or alias.name for alias in node.names]
            if not is_first and set(names) <= set(SHARED):
                body.remove(node)
                continue
        if names and not any(name in wanted or uses(rest, name) for name in names):
            body.remove(node)
    if not is_first:
        # The first piece's functions get single letters, and these must not take their place.
        names = [node.name for node in body if isinstance(node, ast.FunctionDef) and node.name not in wanted]
        short = {name: "_" + letter for name, letter in zip(names, string.ascii_lowercase)}
        body = [Rename(short).visit(node) for node in body]
        wanted = wanted + list(short.values())
    source = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    return python_minifier.minify(
        source,
        remove_literal_statements=True,
        hoist_literals=False,
        rename_globals=True,
        preserve_globals=wanted + dir(builtins),
    )


def main(folder):
    pieces = {
        "stream_1.py": piece(STREAM, [], SHARED, True),
        "stream_3.py": piece(STREAM, ["PREDICTION"], SHARED, True),
        "stream_4.py": piece(STREAM, ["PREDICTION", "SEARCH"], SHARED, True),
    }
    pieces["stream_c.py"] = piece(COMPILED, [], SHARED, True)
    for grid in [], ["GRID"], ["GRID", "TRELLIS"]:
        for bf16 in [], ["BF16"]:
            name = "_".join(["load"] + [feature.lower() for feature in grid[-1:] + bf16]) + ".py"
            pieces[name] = piece(LOAD, grid + bf16, SHARED + ["load"], False)
    pieces["banks.py"] = piece(BANKS, [], SHARED + ["joined"], False)
    for name, text in pieces.items():
        (pathlib.Path(folder) / name).write_text(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
