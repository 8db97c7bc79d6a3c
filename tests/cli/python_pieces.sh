# The minified Python that golf-pack emits does what its sources do: both decode the golden files to the listed values.
. "$CLI_TESTS/lib.sh"
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2>/dev/null && break
  python=
done
[ -n "$python" ] || { echo "no python3 with NumPy"; exit 77; }
root=$CLI_TESTS/../..
sources=$root/libartifact/src/encode/golf/python

export CC=${CC:-cc}
for level in 1 2 3 4 5 6 7 8 9; do
  golf-pack "$root/tests/data/golden_golf/golf$level.golf" -o readable.golf --emit-decoder emitted.py --quiet 2>/dev/null
  golf-pack readable.golf -o again.golf --emit-decoder compiling.py --decoder-language c --quiet
  for load in emitted.py compiling.py "$sources/load.py"; do
    echo "golf:$level, $(basename "$load"): $(PYTHONDONTWRITEBYTECODE=1 "$python" "$CLI_TESTS/python_pieces.py" \
      "$load" readable.golf "$root/tests/data/golden_golf/TENSORS")"
  done
done

# Where the minifier is at hand, it gives the committed pieces.
for python in "$root/build/minifier/bin/python" python3; do
  [ "$("$python" -c 'import importlib.metadata as m; print(m.version("python-minifier"))' 2>/dev/null)" = 3.4.0 ] || continue
  mkdir made && PYTHONDONTWRITEBYTECODE=1 "$python" "$sources/assemble.py" made && diff -r made "$sources/minified" >&2
  break
done
