# golf-pack sweep --data: what golf-eval finds for the same model, and for the artifact that golf-pack makes of it.
. "$CLI_TESTS/lib.sh"
needs_libtorch
text="--data shard.bin --tokenizer tokenizer1024.model"
golf-pack sweep tiny.safetensors --points 2 --finest 0.125 --coarsest 1 --codec golf:1 $text --max-tokens 600 --svg s.svg --json >s.json
grep -c '"gap_bpb"' s.json
bpb() { golf-eval "$1" $text --max-tokens 600 --json --quiet >e.json && field e.json val_bpb; }
[ "$(bpb tiny.safetensors)" = "$(field s.json unquantised_bpb)" ] && echo "unquantised: as golf-eval has it"
golf-pack tiny.safetensors -o t.golf --recipe best --codec golf:1 --quiet  # of level 0.125
[ "$(bpb t.golf)" = "$(field s.json bpb)" ] && echo "the first level: as golf-eval has it"
grep -o 'gap, bits per byte' s.svg
try golf-pack sweep tiny.safetensors --points 2 --data shard.bin --tokenizer tokenizer.model
