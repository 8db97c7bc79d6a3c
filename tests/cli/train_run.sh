# golf-train: a run of three steps, what it leaves, and that another run does not overwrite it.
. "$CLI_TESTS/lib.sh"
needs_golf_train
run="golf-train --config baseline-tiny --device cpu --threads 1 --data data --tokenizer tokenizer1024.model"
run="$run --iterations 3 --set schedule.warmup_steps=1 --set data.grad_accum_steps=1 --set data.batch_tokens=256"
$run -o first --code tokenizer.model --quiet >told
sed 's/[+-]*[0-9][0-9.,]*/N/g' told
# Guessing costs log2(1024) bits for each of 768 tokens, which stand for 15,683 bytes: 0.4897 bits per byte.
sed -n 's/^val_bpb \([0-9.]*\), after.*/\1/p' told |
  awk '{ print ($1 > 0.40 && $1 < 0.4897) ? "val_bpb: three steps better than guessing" : "val_bpb " $1 }'
ls first
cut -d' ' -f1 first/train.log
$run -o second --json --quiet >report.json
cmp first/final.safetensors second/final.safetensors && cmp first/final.golf second/final.golf && echo "same run, same bytes"
grep -E '"(schema|steps|tokens|stopped_by)"' report.json | head -n 4
echo "$(grep -c '"kind":"step"' second/metrics.jsonl) steps recorded"
golf-inspect first/final.golf --check >/dev/null && echo "the artifact is whole"
golf-train --config second/config.json --print-config --json | cmp - second/config.json && echo "config.json runs it again"
try $run -o first
$run -o first --force --quiet --set schedule.iterations=2 >/dev/null && echo "replaced: $(grep -c '"kind":"step"' first/metrics.jsonl) steps"
try $run -o over --quiet --set optimizer.adam.eps=0
ls over
# What the weights of a step weigh, told while the run goes on, is what they weigh at its end.
$run -o sized --size-every 3 --quiet >/dev/null
sed -n 's/.*"kind":"size",\("step":[0-9]*\),\("artifact_bytes":[0-9]*\).*/\1 \2/p' sized/metrics.jsonl |
  sed "s/\"artifact_bytes\":$(wc -c <sized/final.golf)\$/the artifact's bytes/"
grep -q '^projected_size: step:3 ' sized/train.log && echo "the log has the projected size"
