# The gate: exit status 1, the artifact is written, the table says by how many bytes.
. "$CLI_TESTS/lib.sh"
pack() { golf-pack tiny.safetensors --recipe baseline-int8 --codec store --quiet "$@"; }
printf '%1000s' '' >train.py
printf '%234s' '' >helper.py
pack -o a.golf --json >a.json
size=$(wc -c <a.golf)
echo "fits exactly: $(field a.json fits) $(field a.json total_bytes | sed "s/^$size\$/SIZE/")"
pack -o b.golf --budget "$size"
echo "budget = size: exit $?"
pack -o b.golf --budget $((size - 1)) 2>err
echo "budget = size - 1: exit $?, $(sed "s/.* by /by /" err)"
cmp a.golf b.golf && echo "written all the same"
pack -o b.golf --budget $((size + 1233)) --code train.py --code helper.py 2>err
echo "code counts: exit $?, $(sed "s/.* by /by /" err)"
pack -o b.golf --budget $((size + 1234)) --code train.py --code helper.py
echo "with room for the code: exit $?"
golf-pack tiny.safetensors --recipe baseline-int8 -o b.golf --codec store --budget $((size + 10)) --headroom 11 2>&1 >/dev/null | sed 's/.*only/only/'
golf-pack tiny.safetensors --recipe baseline-int8 -o b.golf --codec store --budget $((size + 11)) --headroom 11 2>&1 >/dev/null
echo "sizes in words:"
for text in 16000000 16_000_000 16,000,000 16MB 16000kB; do
  pack --dry-run --budget "$text" --json | grep '"limit_bytes"'
done
try golf-pack tiny.safetensors --dry-run --budget 16MiB
try golf-pack tiny.safetensors --dry-run --budget 900KiB
try golf-pack tiny.safetensors --dry-run --budget -5
echo "the mebibyte mistake is named:"
truncate -s $((16100000 - size)) code.bin
pack -o b.golf --code code.bin; echo "exit $?"
