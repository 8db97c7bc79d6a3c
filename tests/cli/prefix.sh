# golf-pack prefix: the first targets of a stream, compressed.
. "$CLI_TESTS/lib.sh"
golf-pack prefix --data shard.bin --tokens 999 -o prefix.xz --json | grep -E '"(schema|tokens)"'
head -c 6 prefix.xz | od -An -tx1
if command -v xz >/dev/null; then xz -dc prefix.xz; else tail -c 1998 shard.bin; fi | cmp - <(tail -c 1998 shard.bin) && echo "the targets"
try golf-pack prefix --data shard.bin --tokens 1000 -o no.xz
try golf-pack prefix --data shard.bin --tokens 0 -o no.xz
try golf-pack prefix --data shard.bin --tokens 10 --vocab-size 50 -o no.xz
try golf-pack prefix --data 'nosuch*.bin' --tokens 10 -o no.xz
try golf-pack prefix --data tiny.safetensors --tokens 10 -o no.xz
absent no.xz
