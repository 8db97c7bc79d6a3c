#!/usr/bin/env python3
"""Fails when two types of the libraries or tools have one name.

The libraries are linked into one program, in one namespace: a second definition is undefined behavior that no compiler or
linker reports, and it has crashed programs. Types in unnamed namespaces do not count.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TYPE = re.compile(r"(?:template <[^>]*> )?(?:struct|class|enum class) (\w+)(?: final)?(?: : [^;{]*)? \{")


def type_names(path):
    """Of the types that a file defines at the outermost level of a named namespace."""
    unnamed = 0
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith("namespace {"):
            unnamed += 1
        elif line == "}  // namespace":
            unnamed -= 1
        match = TYPE.match(line)
        if match and unnamed == 0:
            yield match[1]


def main():
    files = collections.defaultdict(set)
    for folder in ("libartifact", "libeval", "libtrain", "apps", "python"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".cu"):
                continue
            for name in type_names(path):
                files[name].add(str(path.relative_to(ROOT)))
    twice = {name: sorted(paths) for name, paths in files.items() if len(paths) > 1}
    for name, paths in sorted(twice.items()):
        print(f"error: type {name} is defined in {' and in '.join(paths)}: rename one")
    if len(files) < 100:
        sys.exit(f"error: only {len(files)} types found under {ROOT}")
    sys.exit(1 if twice else 0)


if __name__ == "__main__":
    main()
