# One tensor as a NumPy file.
. "$CLI_TESTS/lib.sh"
golf-inspect extract tiny.safetensors blocks.0.attn.q_gain -o gain.npy
head -c 128 gain.npy | tail -c +11
od -An -v -tf4 -j 128 gain.npy
golf-inspect extract other.safetensors plain -o plain.npy
od -An -v -tf4 -j 128 plain.npy
golf-inspect extract other.safetensors whole -o whole.npy
head -c 128 whole.npy | tail -c +11
od -An -v -td8 -j 128 whole.npy
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --quiet
golf-inspect extract a.golf blocks.0.attn.q_gain -o again.npy
wc -c again.npy
try golf-inspect extract other.safetensors plane -o no.npy
absent no.npy
