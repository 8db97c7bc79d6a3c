# golf-train --resume: what is refused, and how a run that was killed goes on.
. "$CLI_TESTS/lib.sh"
needs_golf_train
tiny="golf-train --config baseline-tiny --device cpu --threads 1 --data data --tokenizer tokenizer1024.model --quiet"
tiny="$tiny --set schedule.warmup_steps=0 --set data.grad_accum_steps=1 --set data.batch_tokens=256 --set training.val_every=0"
run="$tiny --iterations 6 --checkpoint-every 2 -o run"
$run | sed 's/[+-]*[0-9][0-9.,]*/N/g'
ls run run/checkpoints
try ${run/--quiet /} --resume
try $run --resume --set optimizer.matrix_lr=2
cp run/final.golf first.golf
rm run/submission.json # as if it had been killed before
try $run
try $run --resume --set optimizer.matrix_lr=1
try $run --resume --dtype bf16
try $run --resume --force
try $run --checkpoint run/checkpoints/step_000004.safetensors
try $run --resume --checkpoint run/final.safetensors
try $run --resume --checkpoint run/checkpoints/step_000005.safetensors
newest=run/checkpoints/step_000006.safetensors
cp $newest whole
for place in 0 9 300 20000 1000000 -300 -1; do
  flip whole $place $newest
  refused "bit flipped at $place" $run --resume
done
for size in 0 7 8 1000 500000; do
  head -c $size whole >$newest
  refused "cut to $size bytes" $run --resume
done
try $run --resume
$run --resume --checkpoint run/checkpoints/step_000004.safetensors >/dev/null
echo "exit $?: $(grep -c '"kind":"step"' run/metrics.jsonl) steps, $(grep -c '"kind":"resume"' run/metrics.jsonl) resumption"
cmp first.golf run/final.golf && echo "the same artifact again"
$tiny --iterations 6 -o fresh --resume >/dev/null && cmp run/final.golf fresh/final.golf && echo "without a checkpoint: from the beginning"
