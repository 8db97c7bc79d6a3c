# Exit status 2, one line, before any file is touched.
. "$CLI_TESTS/lib.sh"
try golf-pack
try golf-pack -
try golf-pack tiny.safetensors -o a.golf --recipee baseline-int8
try golf-pack tiny.safetensors bare.safetensors -o a.golf
try golf-pack tiny.safetensors -o a.golf --recipe nonesuch
try golf-pack tiny.safetensors -o a.golf --codec zip
try golf-pack tiny.safetensors -o a.golf --codec zlib:10
try golf-pack tiny.safetensors -o a.golf --format gguf
try golf-pack tiny.safetensors -o a.golf --set mlp
try golf-pack tiny.safetensors -o a.golf --set mlp=int9
try golf-pack tiny.safetensors -o a.golf --set 'nosuchtensor=int6'
try golf-pack tiny.safetensors -o a.golf --set '(=int6'
try golf-pack tiny.safetensors -o a.golf --keep-float-max -3
try golf-pack tiny.safetensors -o a.golf --threads many
try golf-pack tiny.safetensors -o a.golf --threads 5000
try golf-pack tiny.safetensors -o a.golf --color sometimes
try golf-pack tiny.safetensors -o a.golf --budget lots
try golf-pack unpack tiny.safetensors
try golf-pack --print-recipe best
try golf-pack recipes nonesuch
try golf-inspect
try golf-inspect - -
try golf-inspect tiny.safetensors --by size
try golf-inspect tiny.safetensors --sort size
try golf-inspect tiny.safetensors --filter '['
try golf-inspect extract tiny.safetensors tok_emb.weight
try golf-inspect extract tiny.safetensors -o a.npy
try golf-inspect diff tiny.safetensors bare.safetensors other.safetensors
try golf-inspect diff - -
try golf-inspect diff tiny.safetensors bare.safetensors --check
try golf-inspect diff tiny.safetensors bare.safetensors --toop 3
try golf-inspect tiny.safetensors --diff bare.safetensors
try golf-inspect tiny.safetensors --compare-codecs
try golf-inspect --dump-config tiny.safetensors
try golf-inspect tiny.safetensors --extract tok_emb.weight -o a.npy
try golf-inspect .
try golf-inspect --check
ls
