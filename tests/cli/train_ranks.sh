# golf-train as two ranks: same files as one process leaves, the same bytes again, and what it refuses.
. "$CLI_TESTS/lib.sh"
needs_golf_train
golf-train --version | grep -q 'ranks: gloo' || { echo "golf-train is built without Gloo"; exit 77; }
run="golf-train --config baseline-tiny --device cpu --data data --tokenizer tokenizer1024.model --quiet"
run="$run --iterations 3 --set schedule.warmup_steps=1 --set data.grad_accum_steps=2 --set data.batch_tokens=512"
$run -o two --nproc 2 | sed 's/[+-]*[0-9][0-9.,]*/N/g'
ls two
grep -o 'world_size:[0-9]* grad_accum_steps:[0-9]*' two/train.log
$run -o again --nproc 2 >/dev/null
cmp two/final.golf again/final.golf && echo "same run, same bytes"
try $run -o odd --nproc 3
absent odd
port=$((20000 + $$ % 20000))
rank() { RANK=$1 WORLD_SIZE=2 LOCAL_RANK=$1 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port $run -o other --set training.seed="$2"; }
rank 0 1 >rank0.out 2>&1 & rank 1 2 >rank1.out 2>&1
second=$?
wait $!
echo "exit $? $second"
cat rank0.out rank1.out | grep -o 'ranks 0 and 1 differ in configuration' | head -n 1
absent other
try env RANK=0 $run -o half
