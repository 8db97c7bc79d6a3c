# golf-eval --roundtrip finds what golf-pack and golf-eval find one after the other.
. "$CLI_TESTS/lib.sh"
needs_libtorch
data="--data shard.bin --tokenizer tokenizer1024.model --device cpu"
golf-eval tiny.safetensors $data --roundtrip baseline-int8 --keep-float-max 1000 -o round.json | grep '^quantization gap\|^artifact'
golf-pack tiny.safetensors -o packed.golf --recipe baseline-int8 --keep-float-max 1000 --quiet
golf-eval packed.golf $data -o packed.json >/dev/null
values() { sed -n 's/^ *"val_bpb": //p' "$1"; }
values round.json | sed -n 3p >after.txt  # each result is followed by its one stage
values packed.json | head -n 1 | cmp - after.txt && echo "same score after packing"
field packed.json artifact_bytes | cmp - <(wc -c <packed.golf) && echo "its own size"
[ "$(field round.json artifact_bytes)" -gt 100000 ] && echo "a size for the round trip"
field packed.json fits
echo "with all that golf-pack can do:"
options="--calibration statistics.safetensors --codec golf:1 --fit --target-gap 0.002"
golf-eval tiny.safetensors $data --roundtrip best $options --json --quiet >fit.json
golf-pack tiny.safetensors --dry-run --recipe best $options --json --quiet >pack.json
for key in predicted_gap_bpb end verified; do
  [ "$(field fit.json $key)" = "$(field pack.json $key)" ] && echo "$key: as golf-pack has it"
done
golf-eval tiny.safetensors $data --roundtrip ecsq --codec golf:1 --fit --budget 200000 | grep '^artifact'
try golf-eval tiny.safetensors $data --fit
try golf-eval tiny.safetensors $data --roundtrip best --target-gap 0.1
try golf-eval tiny.safetensors $data --roundtrip nonesuch
