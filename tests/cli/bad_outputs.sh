# Outputs that cannot end well are refused before any work, and inputs are never damaged.
. "$CLI_TESTS/lib.sh"
sum=$(cksum <tiny.safetensors)
mkdir folder
ln -s tiny.safetensors soft
ln tiny.safetensors hard
before=$(ls -A)
try golf-pack tiny.safetensors -o folder
try golf-pack tiny.safetensors -o nosuch/a.golf
try golf-pack tiny.safetensors -o tiny.safetensors
try golf-pack tiny.safetensors -o ./soft
try golf-pack tiny.safetensors -o hard
try golf-pack tiny.safetensors -o /dev/full
try golf-pack unpack tiny.safetensors -o tiny.safetensors
try golf-inspect tiny.safetensors --svg tiny.safetensors
try golf-inspect extract tiny.safetensors tok_emb.weight -o folder
[ "$(cksum <tiny.safetensors)" = "$sum" ] && echo "input as it was"
[ "$(ls -A)" = "$before" ] && echo "no file was added or lost"
