# golf-pack sweep --data asks a golf-eval, here a made-up one: found beside golf-pack, else on PATH; what it answers.
. "$CLI_TESTS/lib.sh"
make_golf_eval() {  # FOLDER LINE...: a golf-eval that does this
  local program=$1/golf-eval
  mkdir -p "$1" && shift
  printf '%s\n' '#!/bin/sh' "$@" >"$program" && chmod +x "$program"
}
make_golf_eval tools \
  'n=$(cat calls 2>/dev/null || echo 0); echo $((n + 1)) >calls' \
  'case $(head -c 4 | tr -dc A-Z) in GOL) kind=artifact ;; *) kind=checkpoint ;; esac' \
  'echo "$kind: $*" >>arguments' \
  'echo "{\"results\": [{\"val_bpb\": 2.51$n, \"tokens\": 999}]}"'
cp "$BIN/golf-pack" tools/
sweep="golf-pack sweep tiny.safetensors --points 2 --codec golf:1"
text="--data shard.bin --tokenizer t.model"
before=$(ls)
tools/$sweep $text --max-tokens 500 --threads 1 | awk '{ print $1, $7, $8 }'
cat arguments
rm calls arguments
[ "$before" = "$(ls)" ] && echo "nothing left behind"
tools/$sweep $text --json >s.json
grep -E '"(unquantised_bpb|tokens|bpb|gap_bpb)"' s.json | sed -E 's/(0\.00[12]).*/\1/'
rm calls
tools/$sweep $text --svg s.svg >/dev/null && grep -c '<circle' s.svg
rm calls arguments
mkdir alone && mv tools/golf-pack alone/
echo "on PATH:"
PATH=$PWD/tools:$PATH alone/$sweep $text | tail -n 1
PATH=/usr/bin:/bin try alone/$sweep $text
for says in 'echo "golf-eval: t.model: has 28 pieces" >&2; exit 3' 'echo "golf-eval: out of memory" >&2; exit 4' 'exit 9' 'kill -9 $$' \
  'echo nonsense' 'echo "{\"results\": []}"'; do
  make_golf_eval alone "$says"
  try alone/$sweep $text --svg no.svg
done
absent no.svg
try $sweep --data shard.bin
try $sweep --max-tokens 5
try $sweep --data - --tokenizer t.model
try golf-pack sweep bare.safetensors --points 2 $text
try $sweep --svg tiny.safetensors
