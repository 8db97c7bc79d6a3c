# The decoder that was written from docs/FORMAT.md alone decodes the page's test vectors.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
cd "$CLI_TESTS/../data/golf_vectors" || exit 1
PYTHONDONTWRITEBYTECODE=1 python3 decode.py *.json
