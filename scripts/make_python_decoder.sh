#!/usr/bin/env bash
# Writes the minified pieces of the Python decoder anew, after a change to libartifact/src/encode/golf/python/*.py.
#
#   scripts/make_python_decoder.sh [FOLDER]     FOLDER: where to [default: the committed pieces]
#
# Needs Python 3.11 or newer with venv; takes python-minifier from PyPI, in the version below, into build/minifier
# unless python3 has it already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=3.4.0
sources=libartifact/src/encode/golf/python
folder=${1:-$sources/minified}

has_minifier() {
  "$1" -c "import importlib.metadata as m, sys; sys.exit(m.version('python-minifier') != '$version')" 2>/dev/null
}

python=python3
if ! has_minifier "$python"; then
  python=build/minifier/bin/python
  [[ -x $python ]] || { mkdir -p build && python3 -m venv build/minifier; }
  has_minifier "$python" || "$python" -m pip install --quiet "python-minifier==$version"
fi
mkdir -p "$folder"
"$python" "$sources/assemble.py" "$folder"
