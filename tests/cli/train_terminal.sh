# On a terminal golf-train's log has no prefix, so that the challenge's lines fit 80 columns; in a pipe it has one.
. "$CLI_TESTS/lib.sh"
needs_golf_train
run="golf-train --config baseline-tiny --device cpu --data data --tokenizer tokenizer1024.model \
  --set eval.seq_len=128 --set data.seq_len=128 --set data.batch_tokens=256 --set data.grad_accum_steps=1 \
  --set schedule.warmup_steps=0 --iterations 2 --set training.log_every=1"
$run -o piped >out 2>err
echo "in a pipe: exit $?, $(grep -c '^golf-train: step:' err) lines of steps"
command -v script >/dev/null || { echo "no script here"; exit 77; }
TERM=xterm script -qec "stty cols 80; $run -o shown" /dev/null </dev/null | tr -d '\r' >shown.txt
sed 's/\x1b\[K//g' shown.txt | grep -o 'step:[0-9]*/2 train_loss' | sort -u
grep -c 'golf-train: step:' shown.txt
cmp <(grep -o 'train_loss:[0-9.]*' err) <(grep -o 'train_loss:[0-9.]*' shown.txt) && echo "the same losses"
