# golf-eval built without LibTorch says what it cannot do, after reading the command line.
. "$CLI_TESTS/lib.sh"
golf-eval --version | grep -q '^LibTorch none$' || { echo "golf-eval was built with LibTorch"; exit 77; }
good="--data shard.bin --tokenizer tokenizer1024.model"
try golf-eval tiny.safetensors $good
try golf-eval tiny.safetensors $good --mode slidin
try golf-eval audits.npy --data shard.bin
