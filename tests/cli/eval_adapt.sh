# golf-eval --adapt: score first, then learn; the receipt and its audit; a kill; two processes; bad inputs.
. "$CLI_TESTS/lib.sh"
needs_libtorch
text="--data shard.bin --tokenizer tokenizer1024.model --max-tokens 1100"
small="--seq-len 64 --stride 32 --set adapt.sgd.chunk_tokens=256 --set adapt.sgd.lr=0.05"
run="golf-eval tiny.safetensors $text --adapt pr1493 $small"

$run --receipt r.jsonl --json >e.json
echo "exit $?"
grep -o '"scores": "[a-z]*"' e.json
bpb=$(field e.json val_bpb)
grep -c '"scored"' r.jsonl
try golf-eval audit-adaptation r.jsonl | sed 's/val_bpb [0-9.]*/val_bpb N/'
[ "$(golf-eval audit-adaptation r.jsonl --json | field /dev/stdin val_bpb | cut -c 1-12)" = "$(echo "$bpb" | cut -c 1-12)" ] &&
  echo "the audit finds the score again"
sed '2s/\[\[0,/[[1,/' r.jsonl >moved.jsonl
golf-eval audit-adaptation moved.jsonl 2>&1 | grep -e 'never scored' -e 'breaks'
head -n 3 r.jsonl >cut.jsonl
refused "a receipt that is cut off" golf-eval audit-adaptation cut.jsonl
refused "no receipt" golf-eval audit-adaptation shard.bin

[ "$($run --threads 1 --json | field /dev/stdin val_bpb)" = "$($run --threads 2 --json | field /dev/stdin val_bpb)" ] &&
  echo "threads do not change it"

# A kill: the first run stops for good as soon as there is a resume file.
$run --resume run.resume --resume-every 0 --json >killed.json 2>/dev/null &
first=$!
while [ ! -e run.resume ] && kill -0 $first 2>/dev/null; do sleep 0.02; done
kill -9 $first 2>/dev/null
wait $first 2>/dev/null
[ "$($run --resume run.resume --json | field /dev/stdin val_bpb)" = "$bpb" ] && echo "a killed run ends with the same score"
refused "a resume file of other settings" $run --resume run.resume --set adapt.sgd.lr=0.01
refused "a resume file of another text" golf-eval tiny.safetensors --data shard.bin --tokenizer tokenizer1024.model \
  --max-tokens 900 --adapt pr1493 $small --resume run.resume

if golf-train --version 2>/dev/null | grep -q 'ranks: gloo'; then
  port=$((20000 + $$ % 20000))
  rank() { env RANK="$1" WORLD_SIZE=2 LOCAL_RANK="$1" MASTER_ADDR=127.0.0.1 MASTER_PORT=$port $run --batch-seqs 2 --json --receipt two.jsonl; }
  rank 0 >rank0.json 2>rank0.err & rank 1 >rank1.json 2>rank1.err
  second=$?
  wait $!
  echo "exit $? $second"
  one=$($run --batch-seqs 2 --json | field /dev/stdin val_bpb)
  awk -v a="$one" -v b="$(field rank0.json val_bpb)" 'BEGIN { d = a - b; exit !(d < 1e-9 && d > -1e-9) }' && echo "two processes find the same"
  [ ! -s rank1.json ] && echo "one of them reports"
  golf-eval audit-adaptation two.jsonl >/dev/null && echo "their receipt holds"
else
  printf '%s\n' "exit 0 0" "two processes find the same" "one of them reports" "their receipt holds"
fi

golf-eval tiny.safetensors $text --adapt pr1493 $small --roundtrip baseline-int8 --json | grep -c '"adapted"'
golf-eval sweep tiny.safetensors $text --num-points 2 --adapt pr1493 $(echo "$small" | sed 's/--seq-len 64 --stride 32//') \
  --json | grep -c '"gap_bpb"'

try $run --set adapt.sgd.rate=1
try $run --set adapt.sgd.momentum=1
try golf-eval tiny.safetensors $text --adapt pr1943
try golf-eval tiny.safetensors $text --adapt pr1493
try golf-eval tiny.safetensors $text --adapt model
try golf-eval tiny.safetensors $text --receipt r.jsonl
try golf-eval tiny.safetensors $text --set adapt.sgd.lr=1
try $run --set adapt.sgd.weights=nothing
try $run --mode standard,sliding
try $run --resume run.resume --roundtrip baseline-int8
try $run --receipt tiny.safetensors
echo '{"sgd": {}, "low_rank": {}}' >both.json
try golf-eval tiny.safetensors $text --adapt both.json
echo '{"sgd": {"lr": "fast"}}' >wrong.json
try golf-eval tiny.safetensors $text --adapt wrong.json
