# golf-train: two processes that are killed (SIGKILL) while documents have grown, and again while depth recurrence is on,
# go on to the losses and the artifact of two that were never killed.
. "$CLI_TESTS/lib.sh"
needs_golf_train
golf-train --version | grep -q 'ranks: gloo' || { echo "golf-train is built without Gloo"; exit 77; }
# Twelve times the shard, a document each: no run comes to its end, where two ranks pass over other tokens than one.
{ head -c 8 shard.bin; printf '\340\056\000\000'; tail -c +13 shard.bin | head -c 1012
  for _ in $(seq 12); do tail -c +1025 shard.bin; done; } >data/fineweb_train_000000.bin
run="golf-train --config pr1855-tiny --device cpu --data data --tokenizer tokenizer1024.model --quiet"
run="$run --set model.vocab_size=1024 --set data.bos_id=7 --set data.grad_accum_steps=2 --set data.batch_tokens=256"
run="$run --set data.seq_len=64 --set model.model_dim=64 --set model.mlp_hidden=256 --set eval.seq_len=64 --set eval.stride=64 --set export.format=golf"
run="$run --set export.calibration_batches=0 --set export.recipe=mixed-int6 --set export.codec=zstd:3"

run="$run --iterations 30 --threads 1 --checkpoint-every 3 --set curriculum.seq_lens=16@0.2,64@1"
run="$run --set curriculum.rewarm_steps=4 --set curriculum.skipped_batches=2 --set curriculum.recurrence_start=0.6"
results() {
  grep -E '"kind":"(step|validation)"' "$1/metrics.jsonl" | sed 's/"train_ms":[^,}]*//'
  sed 's/\(train\|eval\)_time:.*//; s/^peak memory.*//' "$1/train.log"
}
# killed_at STEP: starts or continues two ranks, and kills both once that step is in their records.
killed_at() {
  local port=$((20000 + ($$ + $1) % 20000)) rank ranks=()
  for rank in 0 1; do
    env -u OMP_NUM_THREADS RANK=$rank WORLD_SIZE=2 LOCAL_RANK=$rank LOCAL_WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port \
      $run -o cut --resume >/dev/null 2>&1 &
    ranks+=($!)
  done
  while kill -0 "${ranks[0]}" 2>/dev/null; do
    [ "$(cat cut/metrics.jsonl 2>/dev/null | grep -c '"kind":"step"')" -ge "$1" ] && break
    sleep 0.01
  done
  kill -s KILL "${ranks[@]}" 2>/dev/null
  for rank in "${ranks[@]}"; do
    wait "$rank" 2>/dev/null
    echo "exit $?"
  done
}
$run -o whole --nproc 2 >/dev/null || exit 1
grep '"kind":"step"' whole/metrics.jsonl | grep -o '"recurrence":[a-z]*,"seq_len":[0-9]*' | uniq -c | sed 's/^ *//'
killed_at 11
killed_at 23
$run -o cut --resume --nproc 2 >/dev/null || exit 1
results whole >whole.txt
results cut | cmp - whole.txt && cmp cut/final.golf whole/final.golf &&
  echo "the same run, $(grep -c '"kind":"resume"' cut/metrics.jsonl) resumptions"
