# golf-train: killed (SIGKILL) at each of 20 random moments of a run and continued, it takes the steps of a run that was
# never killed: same losses, same artifact. The moments, a step and some milliseconds, are seeded; whether one falls into start-up, a step, a checkpoint's
# writing or packing depends on the machine, what comes out must not.
. "$CLI_TESTS/lib.sh"
needs_golf_train
run="golf-train --config pr993-tiny --device cpu --threads 1 --data data --tokenizer tokenizer1024.model --quiet"
run="$run --iterations 60 --max-wallclock 0 --set schedule.warmup_steps=1 --set schedule.warmdown_iters=40"
run="$run --set data.grad_accum_steps=1 --set data.batch_tokens=256 --set data.seq_len=128 --set training.val_every=25"
run="$run --set optimizer.muon.momentum_warmup_steps=30 --set weights.ema.decay=0.95"
run="$run --set weights.swa.enabled=true --set weights.swa.every=7 --set weights.swa.start_lr_below=0.8"
run="$run --set qat.method=fake_quant --set qat.start_lr_below=0.6 --set qat.start_fraction=0 --checkpoint-every 4"
results() {
  grep -E '"kind":"(step|validation)"' "$1/metrics.jsonl" | sed 's/"train_ms":[^,}]*//'
  sed 's/\(train\|eval\)_time:.*//; s/^peak memory.*//' "$1/train.log"
}
$run -o whole >/dev/null || exit 1
results whole >whole.txt
RANDOM=20260318
killed=0 resumed=0 same=0
for trial in $(seq 20); do
  steps=$((RANDOM % 60)) wait_ms=$((RANDOM % 200))
  $run -o "run$trial" >/dev/null 2>&1 &
  process=$!
  while kill -0 $process 2>/dev/null; do
    [ "$(cat "run$trial/metrics.jsonl" 2>/dev/null | grep -c '"kind":"step"')" -ge $steps ] && break
    sleep 0.02
  done
  sleep "0.$(printf %03d $wait_ms)"
  kill -s KILL $process 2>/dev/null
  wait $process 2>/dev/null
  [ $? -eq 137 ] && killed=$((killed + 1))
  ls "run$trial/checkpoints" >/dev/null 2>&1 && [ ! -e "run$trial/submission.json" ] && resumed=$((resumed + 1))
  [ -e "run$trial/submission.json" ] || $run -o "run$trial" --resume >/dev/null || echo "trial $trial, step $steps and $wait_ms ms: exit $?"
  if results "run$trial" | cmp - whole.txt && cmp "run$trial/final.golf" whole/final.golf; then
    same=$((same + 1))
  else
    echo "trial $trial, step $steps and $wait_ms ms: another run"
  fi
  rm -rf "run$trial"
done
echo "20 moments: $same runs like the one that was never killed"
echo "killed $killed, of these $resumed with a checkpoint" >&2
