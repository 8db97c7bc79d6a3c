# golf-eval: exit status 2, one line.
. "$CLI_TESTS/lib.sh"
command -v golf-eval >/dev/null || { echo "golf-eval is not built here"; exit 77; }
good="tiny.safetensors --data shard.bin --tokenizer tokenizer1024.model"
try golf-eval
try golf-eval tiny.safetensors --data shard.bin
try golf-eval $good --mode slidin
try golf-eval $good --mode sliding --stride 300
try golf-eval $good --stride 0
try golf-eval $good --seq-len many
try golf-eval $good --batch-seqs 0
try golf-eval $good --max-tokens -1
try golf-eval $good --mode sliding --window-policy twice
try golf-eval $good --dtype fp16
try golf-eval $good --device tpu
try golf-eval $good --model-config basline
try golf-eval $good --keep-float-max 5
try golf-eval $good --mode standard,sliding --dump-nll nll.npy
try golf-eval $good --json --dump-nll -
try golf-eval - --data - --tokenizer tokenizer1024.model
try golf-eval $good -o tiny.safetensors
try golf-eval $good --sttride 3
golf-pack tiny.safetensors -o a.golf --quiet
try golf-eval a.golf --data shard.bin --tokenizer tokenizer1024.model --roundtrip baseline-int8
