# Recipes by name and by file, rules on the command line.
. "$CLI_TESTS/lib.sh"
golf-pack recipes | awk '{ print $1 }'
golf-pack recipes baseline-int8 >mine.json
golf-pack tiny.safetensors -o a.golf --recipe baseline-int8 --quiet
golf-pack tiny.safetensors -o b.golf --recipe mine.json --quiet
cmp a.golf b.golf && echo "printed recipe: same bytes"
echo "schemes:"
schemes() { golf-pack tiny.safetensors --recipe baseline-int8 -o s.golf --quiet "$@" && golf-inspect s.golf --by scheme --sort name | awk '/^\(|^scheme|^int|^fp|^bf/ { print $1 }' | tr '\n' ' '; echo; }
schemes
schemes --keep-float-max 1000
schemes --set '.=fp32'
schemes --set '.=bf16'
schemes --set 'mlp=int6' --set 'attn\.c_.*weight=int5' --set 'tok_emb=int4'
schemes --set '.=int8' --set 'scale|gain|mix|skip=fp16'
try golf-pack bare.safetensors -o d.golf --recipe baseline-int8 --set 'blocks\.4=drop' --quiet
golf-inspect d.golf --by layer --sort name | awk '{ print $1, $2 }' | grep layer
echo '{"name": "x", "rulez": []}' >bad.json
try golf-pack tiny.safetensors -o c.golf --recipe bad.json
echo 'not json' >bad.json
try golf-pack tiny.safetensors -o c.golf --recipe bad.json
try golf-pack tiny.safetensors -o e.golf --set 'blocks\.4.mlp=drop'
golf-pack bare.safetensors --recipe baseline-int8 -o bare.golf --codec zlib --quiet
try golf-pack bare.golf -o e.golf --model-config baseline
absent e.golf
cp mine.json myrecipe
golf-pack tiny.safetensors -o c.golf --recipe myrecipe --quiet && cmp a.golf c.golf && echo "a recipe file without an ending: same bytes"
golf-inspect config tiny.safetensors >mymodel && golf-pack bare.safetensors --recipe baseline-int8 -o d.golf --model-config mymodel --quiet && echo "a model configuration without an ending"
