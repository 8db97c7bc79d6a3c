# golf-train under torchrun's variables: the error file of a rank that fails, and OMP_NUM_THREADS=1.
. "$CLI_TESTS/lib.sh"
needs_golf_train
golf-train --version | grep -q 'ranks: gloo' || { echo "golf-train is built without Gloo"; exit 77; }
tiny="golf-train --config baseline-tiny --device cpu --tokenizer tokenizer1024.model --quiet"
run="$tiny --data data"
run="$run --iterations 2 --set schedule.warmup_steps=0 --set data.grad_accum_steps=2 --set data.batch_tokens=512"
error_file() { sed 's/"timestamp":"[0-9]\{10\}"/"timestamp":"NOW"/' "$1"; echo; }

TORCHELASTIC_ERROR_FILE=$PWD/alone.json $tiny -o wrong --data nowhere 2>/dev/null
echo "exit $?"
error_file alone.json
TORCHELASTIC_ERROR_FILE=$PWD/usage.json golf-train --iterations 2>/dev/null
echo "exit $?"
error_file usage.json
TORCHELASTIC_ERROR_FILE=$PWD/missing/error.json $tiny -o wrong --data nowhere
echo "exit $?"

port=$((20000 + $$ % 20000))
rank() {
  env RANK=$1 WORLD_SIZE=2 LOCAL_RANK=$1 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port OMP_NUM_THREADS=1 \
    TORCHELASTIC_ERROR_FILE="$PWD/rank$1.json" $run -o "$2" --set training.seed="$3"
}
rank 0 differ 1 >rank0.out 2>&1 & rank 1 differ 2 >rank1.out 2>&1
second=$?
wait $!
echo "exit $? $second"
cat rank0.json rank1.json | grep -o 'ranks 0 and 1 differ in configuration'
port=$((port + 1)) second=
rank 0 good 1 >rank0.out 2>&1 & rank 1 good 1 >rank1.out 2>&1
second=$?
wait $!
echo "exit $? $second"
grep '^threads:' good/train.log | sed 's/uses [0-9]* of [0-9]* /uses N of N /'
OMP_NUM_THREADS=1 $run -o own --nproc 2 >own.out 2>&1
grep -q '^threads:' own/train.log || echo "nothing to say to those whom golf-train itself has started"
