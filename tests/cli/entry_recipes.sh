# The entries' recipes: each in its own dictionary, read back by every tool, and pruned into a budget.
. "$CLI_TESTS/lib.sh"
for recipe in pr88 pr192 pr262 pr993 pr1046 pr1046-int8; do
  golf-pack tiny.safetensors -o $recipe.ptz --format ptz --recipe $recipe --keep-float-max 1000 --quiet
  golf-pack tiny.safetensors -o $recipe.golf --recipe $recipe --keep-float-max 1000 --quiet
  golf-pack unpack $recipe.ptz -o a.safetensors --quiet && golf-pack unpack $recipe.golf -o b.safetensors --quiet
  echo "$recipe: $(golf-inspect $recipe.ptz --by scheme --sort name | awk '/^int|^fp/ { print $1 }' | tr '\n' ' ')"
  golf-inspect diff a.safetensors b.safetensors >/dev/null && echo "  ptz and golf decode alike"
  golf-pack $recipe.ptz -o again.ptz --format ptz --quiet && golf-pack unpack again.ptz -o c.safetensors --quiet
  cmp a.safetensors c.safetensors && echo "  repacked without loss"
done
pack() { golf-pack tiny.safetensors --format ptz --recipe pr993 --keep-float-max 1000 --codec lzma:1 "$@"; }
pack -o whole.ptz --quiet
size=$(wc -c <whole.ptz)
pack -o fits.ptz --prune-to-fit --budget $((size - 100)) --quiet && echo "pruned into the budget"
[ "$(wc -c <fits.ptz)" -le $((size - 100)) ] && echo "and it is that small"
pack -o roomy.ptz --prune-to-fit --budget "$size" --quiet && cmp roomy.ptz whole.ptz && echo "nothing pruned when it fits"
pack -o over.ptz --prune-to-fit --budget 1000 --quiet 2>/dev/null
echo "pruned as far as it goes: exit $?"
golf-pack tiny.safetensors --recipe baseline-int8 -o s.ptz --format ptz --codec brotli:5 --byte-shuffle 2 --quiet
golf-pack tiny.safetensors --recipe baseline-int8 -o p.ptz --format ptz --codec brotli:5 --quiet
golf-pack unpack s.ptz -o a.safetensors --quiet && golf-pack unpack p.ptz -o b.safetensors --quiet
cmp a.safetensors b.safetensors && ! cmp -s s.ptz p.ptz && echo "byte-shuffled: other bytes, same weights"
try golf-pack tiny.safetensors -o s.golf --byte-shuffle 2
