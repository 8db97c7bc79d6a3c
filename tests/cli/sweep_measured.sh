# golf-eval sweep: what golf-eval finds for the same model, and for the artifact that golf-pack makes of it.
. "$CLI_TESTS/lib.sh"
needs_libtorch
text="--data shard.bin --tokenizer tokenizer1024.model --max-tokens 600"
before=$(ls)
golf-eval sweep tiny.safetensors --num-points 2 --min-step 0.125 --max-step 1 --codec golf:1 $text --calibration statistics.safetensors >s.txt
head -n 1 s.txt
rm s.txt
[ "$before" = "$(ls)" ] && echo "no artifact left behind"
golf-eval sweep tiny.safetensors --num-points 2 --min-step 0.125 --max-step 1 --codec golf:1 $text --svg s.svg --json >s.json
echo "$(grep -c '"gap_bpb"' s.json) gaps measured, $(grep -c '"predicted_gap_bpb"' s.json) predicted without a calibration"
bpb() { golf-eval "$1" $text --json --quiet >e.json && field e.json val_bpb; }
[ "$(bpb tiny.safetensors)" = "$(field s.json unquantized_bpb)" ] && echo "unquantized: as golf-eval has it"
golf-pack tiny.safetensors -o t.golf --recipe best --codec golf:1 --quiet  # of step scale 0.125
[ "$(bpb t.golf)" = "$(field s.json bpb)" ] && echo "the first point: as golf-eval has it"
[ "$(wc -c <t.golf)" -gt "$(field s.json artifact_bytes)" ] && echo "its bytes: those of golf-pack without provenance"
grep -o 'quantization gap, bits per byte' s.svg
try golf-eval sweep tiny.safetensors --num-points 2 --data shard.bin --tokenizer tokenizer.model
try golf-eval sweep t.golf $text
try golf-eval sweep bare.safetensors $text
try golf-eval sweep tiny.safetensors $text --recipe pr192
try golf-eval sweep tiny.safetensors $text --min-step 1 --max-step 0.5
try golf-eval sweep tiny.safetensors $text --svg tiny.safetensors
