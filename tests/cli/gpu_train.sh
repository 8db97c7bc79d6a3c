# golf-train on a GPU: a run with a recorded step ends where the run without does.
. "$CLI_TESTS/lib.sh"
needs_golf_train
run="golf-train --config baseline-tiny --data data --tokenizer tokenizer1024.model --iterations 20 --json --quiet"
run="$run --set schedule.warmup_steps=2 --set data.grad_accum_steps=2 --set data.batch_tokens=512 --set training.val_every=7"
if ! $run --device cuda -o plain >plain.json 2>err; then
  grep -q 'device cuda: not there' err && { echo "skipped: no GPU"; exit 77; }
  cat err
fi
$run --device cuda --cuda-graphs -o recorded >recorded.json
bpb() { grep -m 1 '"val_bpb"' "$1" | grep -o '[0-9]\.[0-9]\{2\}'; }
[ "$(bpb plain.json)" = "$(bpb recorded.json)" ] && echo "the same result"
golf-inspect recorded/final.golf --check >/dev/null && echo "the artifact is whole"
