# golf-eval: the report, the same numbers by every road, whatever the thread count.
. "$CLI_TESTS/lib.sh"
needs_libtorch
data="--data shard.bin --tokenizer tokenizer1024.model --device cpu"
golf-eval tiny.safetensors $data --mode standard,sliding --stride 100
score() { sed -n 's/^ *"\(val_loss\|val_bpb\|tokens\|bytes\)": \(.*\),$/\1 \2/p' "$1"; }
golf-eval tiny.safetensors $data --json --threads 1 >one.json
golf-eval tiny.safetensors $data --json --threads 3 >three.json
score one.json >one.txt
score three.json | cmp - one.txt && echo "threads: same score"
golf-eval - $data --json <tiny.safetensors >piped.json
score piped.json | grep val_ >piped.txt
grep val_ one.txt | cmp - piped.txt && echo "standard input: same score"
golf-eval tiny.pt $data --model-config baseline-tiny -o file.json >/dev/null
score file.json | grep val_ | cmp - piped.txt && echo "torch file: same score"
golf-eval tiny.safetensors $data -o - 2>report.txt | score /dev/stdin | cmp - one.txt && echo "-o -: JSON on standard output"
grep -q " standard 256 " report.txt && echo "the table goes to standard error"
grep -o '"schema": "[^"]*"' one.json
mkdir shards && cp shard.bin shards/fineweb_val_000000.bin && { head -c 1024 shard.bin; printf "\5\0"; tail -c +1027 shard.bin; } >shards/fineweb_val_000001.bin
golf-eval tiny.safetensors --data shards --tokenizer tokenizer1024.model --json | grep '"tokens": 2000'
golf-eval tiny.safetensors $data --max-tokens 300 --dump-nll nll.npy --quiet | grep "^standard: "
wc -c <nll.npy
