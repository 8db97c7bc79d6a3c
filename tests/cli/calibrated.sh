# Schemes with numbers and options, and the Hessians that they need.
. "$CLI_TESTS/lib.sh"
scheme() { golf-pack tiny.safetensors --recipe baseline-int8 -o s.golf --quiet "$@" && golf-inspect s.golf --by group --filter 'mlp.fc' | awk '/^mlp/ { print $2 }'; }
scheme --set 'mlp=int6-sd:12.85'
scheme --set 'mlp=ecsq:0.3'
scheme --set 'mlp\..*weight=tcq:0.3+gptq+columns' --calibration calibration.safetensors
golf-pack unpack s.golf -o s.safetensors --quiet
golf-pack s.safetensors --recipe baseline-int8 -o again.golf --quiet && echo "unpacks to a checkpoint"
golf-pack s.golf -o repacked.golf --codec brotli --quiet && golf-pack unpack repacked.golf -o r.safetensors --quiet
cmp s.safetensors r.safetensors && echo "repacked: same weights"
cat >r.json <<'END'
{"name": "mine", "codec": "golf", "rules": [
  {"keep_float_limit": true, "scheme": "fp16"},
  {"calibrated": true, "match": "attn", "scheme": "int6-pr1046+gptq+actorder"},
  {"calibrated": true, "scheme": "ecsq+gptq+columns"},
  {"scheme": "int8"}]}
END
schemes() { golf-inspect "$1" --by group --sort name | awk '/^(attention|mlp|embeddings)/ { print $1, $2 }'; }
golf-pack tiny.safetensors -o m.golf --recipe r.json --keep-float-max 4000 --quiet --calibration calibration.safetensors && schemes m.golf
golf-pack tiny.safetensors -o m.golf --recipe r.json --keep-float-max 4000 --quiet && schemes m.golf
try golf-pack tiny.safetensors -o e.golf --set 'mlp\.fc=int6+gptq'
try golf-pack tiny.safetensors -o e.golf --set 'tok_emb=tcq+columns' --calibration calibration.safetensors
try golf-pack tiny.safetensors -o e.golf --set 'mlp=ecsq:0'
try golf-pack tiny.safetensors -o e.golf --set 'mlp=ecsq+gpqt'
try golf-pack tiny.safetensors -o e.golf --calibration tiny.safetensors
try golf-pack tiny.safetensors -o e.golf --calibration shard.bin
try golf-pack other.safetensors -o e.golf --calibration calibration.safetensors
try golf-pack tiny.safetensors -o e.golf --calibration absent.safetensors
absent e.golf
