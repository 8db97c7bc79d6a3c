# golf-train: killed (SIGKILL) while its documents have grown, and again while depth recurrence is on, a run goes on to the
# same losses and the same artifact as one that was never killed.
. "$CLI_TESTS/lib.sh"
needs_golf_train
run="golf-train --config baseline-tiny --device cpu --threads 1 --data data --tokenizer tokenizer1024.model --quiet"
run="$run --iterations 40 --set schedule.warmup_steps=1 --set schedule.warmdown_iters=20 --set training.val_every=0"
run="$run --set data.order=documents --set data.bos_id=7 --set data.grad_accum_steps=1 --set data.batch_tokens=192"
run="$run --set model.depth_recurrence.first_block=1 --set model.depth_recurrence.last_block=2"
run="$run --set curriculum.seq_lens=64@0.2,256@1 --set curriculum.rewarm_steps=8 --set curriculum.skipped_batches=2"
run="$run --set curriculum.recurrence_start=0.6 --set weights.ema.decay=0.95 --checkpoint-every 3"
results() {
  grep -E '"kind":"(step|validation)"' "$1/metrics.jsonl" | sed 's/"train_ms":[^,}]*//'
  sed 's/\(train\|eval\)_time:.*//; s/^peak memory.*//' "$1/train.log"
}
# killed_at STEP: starts or continues the run, and kills it once that step is in its records.
killed_at() {
  $run -o cut --resume >/dev/null 2>&1 &
  local process=$!
  while kill -0 $process 2>/dev/null; do
    [ "$(cat cut/metrics.jsonl 2>/dev/null | grep -c '"kind":"step"')" -ge "$1" ] && break
    sleep 0.01
  done
  kill -s KILL $process 2>/dev/null
  wait $process 2>/dev/null
  echo "exit $?"
}
$run -o whole >/dev/null || exit 1
grep -o 'train_seq_len:256 step.*\|layer_loop.*' whole/train.log
grep '"kind":"step"' whole/metrics.jsonl | grep -o '"recurrence":[a-z]*,"seq_len":[0-9]*' | uniq -c | sed 's/^ *//'
killed_at 12
killed_at 27
$run -o cut --resume >/dev/null || exit 1
results whole >whole.txt
results cut | cmp - whole.txt && cmp cut/final.golf whole/final.golf && echo "the same run, $(grep -c '"kind":"resume"' cut/metrics.jsonl) resumptions"
