# golf-eval: exit status 2, one line.
. "$CLI_TESTS/lib.sh"
needs_libtorch
good="tiny.safetensors --data shard.bin --tokenizer tokenizer1024.model"
try golf-eval
try golf-eval tiny.safetensors --data shard.bin
try golf-eval $good --mode slidin
try golf-eval $good --mode sliding --stride 300
try golf-eval $good --stride 64
try golf-eval $good --window-policy once
try golf-eval $good --mode sliding --stride 0
try golf-eval $good --seq-len many
try golf-eval $good --batch-seqs 0
try golf-eval $good --max-tokens -1
try golf-eval $good --mode sliding --window-policy twice
try golf-eval $good --dtype fp16
try golf-eval $good --dtype-tolerance 0.1
try golf-eval $good --dtype auto --resume run.resume
try golf-eval $good --device tpu
try golf-eval $good --model-config basline
try golf-eval $good --keep-float-max 5
try golf-eval $good --mode standard,sliding --dump-nll nll.npy
try golf-eval $good --json --dump-nll -
try golf-eval - --data - --tokenizer tokenizer1024.model
try golf-eval $good --ngram-cache hash
try golf-eval $good --ngram-buckets 4096
try golf-eval $good --ngram-cache exact --cache-shards 2
try golf-eval $good --ngram-cache hashed --ngram-buckets 5000
try golf-eval $good --ngram-cache hashed --cache-shards 4
try golf-eval $good --mode sliding --window-policy pr993 --ngram-cache exact
try golf-eval $good --paid-prefix tiny.safetensors -o tiny.safetensors
try golf-eval $good --audit-normalization -1
try golf-eval $good -o tiny.safetensors
try golf-eval $good --sttride 3
try golf-eval calibrate $good --dtype int8 -o c.safetensors
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --quiet
try golf-eval a.golf --data shard.bin --tokenizer tokenizer1024.model --roundtrip baseline-int8
