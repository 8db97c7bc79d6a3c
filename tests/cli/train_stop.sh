# golf-train: SIGTERM and SIGINT end the step, save and leave with 143 and 130; --resume goes on with the same losses.
. "$CLI_TESTS/lib.sh"
needs_golf_train
run="golf-train --config baseline-tiny --device cpu --threads 1 --data data --tokenizer tokenizer1024.model"
run="$run --set schedule.warmup_steps=1 --set data.grad_accum_steps=2 --set data.batch_tokens=512 --max-wallclock 0"
run="$run --set schedule.warmdown_iters=0 --set weights.ema.decay=0.9 --set training.val_every=0"
losses() { sed -n 's/.*"kind":"step","step":\([0-9]*\),"train_loss":\([^,]*\),.*/\1 \2/p' "$1/metrics.jsonl"; }
last_step() { losses "$1" | tail -n 1 | cut -d' ' -f1; }
# stopped SIGNAL COMMAND... -o RUN: starts a run without end, and sends the signal once three steps are done.
stopped() {
  local signal=$1 folder=${*: -1}
  shift
  "$@" --iterations 1000000 2>"$folder.err" &
  local process=$!
  until [ "$(grep -cs '"kind":"step"' "$folder/metrics.jsonl")" -ge 3 ] 2>/dev/null; do sleep 0.05; done
  kill -s "$signal" $process
  wait $process
  echo "$folder: exit $?"
  grep -o 'stopped by SIG[A-Z]* after step' "$folder.err"
  ls "$folder" "$folder/checkpoints" | sed 's/step_[0-9]*/step_N/'
}
# goes_on FOLDER OPTION...: continues it for five more steps, and compares with a run that never stopped.
goes_on() {
  local folder=$1 steps=$(($(last_step "$1") + 5))
  shift
  $run "$@" --resume --iterations $steps -o "$folder" --quiet >/dev/null
  echo "$folder: exit $?, $([ "$(last_step "$folder")" -eq $steps ] && echo "all steps")"
  $run "$@" --iterations $steps -o whole --force --quiet >/dev/null
  cmp <(losses "$folder") <(losses whole) && cmp "$folder/final.golf" whole/final.golf && echo "$folder: same losses, same bytes"
}
stopped TERM $run -o term
goes_on term
stopped INT $run -o int
goes_on int
if golf-train --version | grep -q 'ranks: gloo'; then
  stopped TERM $run --nproc 2 -o ranks
  goes_on ranks --nproc 2
else
  stopped TERM $run -o ranks
  goes_on ranks
fi
# A step that takes many minutes: the second signal does not wait for it.
$run --set data.grad_accum_steps=65536 --set data.batch_tokens=16777216 -o slow 2>slow.err &
process=$!
until grep -qs '^seed:' slow/train.log; do sleep 0.05; done
kill -s TERM $process
sleep 3
kill -s TERM $process
wait $process
echo "slow: exit $?"
grep 'stopping after this step' slow.err
absent slow/checkpoints
