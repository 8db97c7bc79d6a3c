# golf-eval in two processes gives the results of one to the bit, with a cache too; streaming windows; a kill.
. "$CLI_TESTS/lib.sh"
needs_libtorch
text="--data shard.bin --tokenizer tokenizer1024.model --max-tokens 1100"
run="golf-eval tiny.safetensors $text --seq-len 64 --batch-seqs 2 --mode standard,sliding,streaming --stride 16"

results() { # FILE: without what a clock says
  python3 -c 'import json, sys
for result in json.load(open(sys.argv[1]))["results"]:
    print({key: value for key, value in result.items() if "second" not in key})' "$1"
}
$run --ngram-cache exact --json >one.json
echo "exit $?"
results one.json >one.txt
grep -o "'mode': '[a-z]*'" one.txt
[ "$($run --threads 1 --ngram-cache exact --json >t.json; results t.json)" = "$(cat one.txt)" ] && echo "threads do not change it"

if golf-train --version 2>/dev/null | grep -q 'ranks: gloo'; then
  port=$((20000 + $$ % 20000))
  rank() { env RANK="$1" WORLD_SIZE=2 LOCAL_RANK="$1" MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "${@:2}"; }
  rank 0 $run --ngram-cache exact --json >rank0.json 2>rank0.err & rank 1 $run --ngram-cache exact --json >rank1.json 2>rank1.err
  second=$?
  wait $!
  echo "exit $? $second"
  results rank0.json | cmp - one.txt && echo "two processes find the same"
  [ ! -s rank1.json ] && echo "one of them reports"
  rank 0 $run --json >/dev/null 2>rank0.err & rank 1 golf-eval tiny.safetensors $text --seq-len 32 --json >/dev/null 2>rank1.err
  second=$?
  wait $!
  echo "exit $? $second"
  cat rank0.err rank1.err | grep -o 'ranks 0 and 1 differ in model, text or settings' | head -n 1
else
  printf '%s\n' "exit 0 0" "two processes find the same" "one of them reports" "exit 3 3" \
    "ranks 0 and 1 differ in model, text or settings"
fi

# A sequence of the whole text sees what standard sees.
whole() { golf-eval tiny.safetensors $text --seq-len 960 --mode "$1" --json | field /dev/stdin val_bpb; }
awk -v a="$(whole standard)" -v b="$(whole streaming)" 'BEGIN { d = a - b; exit !(d < 1e-5 && d > -1e-5) }' &&
  echo "streaming over the whole text is standard"
try golf-eval tiny.safetensors $text --mode streaming --pack-seqs 1
try golf-eval tiny.safetensors $text --mode streaming --stride 8

# A plain evaluation that is killed goes on where it was.
run="golf-eval tiny.safetensors $text --seq-len 64 --batch-seqs 1 --mode sliding --stride 2"
$run --json >whole.json
$run --resume run.resume --resume-every 0 --json >killed.json 2>/dev/null &
first=$!
while [ ! -e run.resume ] && kill -0 $first 2>/dev/null; do sleep 0.01; done
kill -9 $first 2>/dev/null
wait $first 2>/dev/null
[ ! -s killed.json ] && echo "killed on the way"
$run --resume run.resume --json >resumed.json
[ "$(results whole.json)" = "$(results resumed.json)" ] && echo "a killed run ends with the same figures"
refused "a resume file of other settings" ${run/--stride 2/--stride 4} --resume run.resume
try $run --resume run.resume --dump-nll losses.npy
try $run --resume run.resume --mode standard,sliding
try $run --resume run.resume --ngram-cache exact
try $run --resume tiny.safetensors
