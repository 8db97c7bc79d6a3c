# A model before any training, and the configuration that travels inside files.
. "$CLI_TESTS/lib.sh"
golf-inspect --model-config baseline-tiny
golf-inspect --model-config baseline --json | grep '"parameters": [0-9]'
golf-inspect config tiny.safetensors >config.json
golf-inspect config --model-config config.json | cmp - config.json && echo "configuration comes back"
golf-pack bare.safetensors --recipe baseline-int8 -o a.golf --codec zlib --model-config config.json --quiet
golf-inspect config a.golf | cmp - config.json && echo "and travels in an artifact"
try golf-inspect config bare.safetensors
try golf-inspect --model-config baseline-tinny
golf-inspect bare.safetensors --model-config baseline-tiny >/dev/null && echo "tensors match"
try golf-inspect bare.safetensors --model-config baseline
echo '{"model": {"num_layerz": 3}}' >bad.json
try golf-inspect --model-config bad.json
