# Kinds are told by content: a wrong name is no obstacle, a wrong kind is refused with what it is.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --quiet || exit
cp a.golf weights.safetensors
cp tiny.safetensors model.golf
cp tiny.pt model.txt
echo "by content:"
for file in weights.safetensors model.golf model.txt; do golf-inspect $file --json | grep '"kind"'; done
echo "wrong kinds:"
echo "not a model at all" >text.golf
head -c 100000 /dev/zero >zeros.golf
try golf-pack shard.bin -o b.golf
try golf-pack tokenizer.model -o b.golf
try golf-pack text.golf -o b.golf
try golf-pack unpack tiny.safetensors -o b.safetensors
try golf-inspect text.golf
try golf-inspect zeros.golf
try golf-inspect shard.bin --check
try golf-inspect tiny.safetensors --check
try golf-pack bare.safetensors -o b.golf --model-config baseline
try golf-pack other.safetensors -o b.golf --model-config baseline-tiny
absent b.golf b.safetensors
