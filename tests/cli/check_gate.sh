# golf-inspect --check: one verdict a file, exit status 1 when any is over.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors -o a.golf --codec store --quiet || exit
golf-pack tiny.safetensors -o a.ptz --format ptz --codec zlib --quiet || exit
size=$(wc -c <a.golf)
golf-inspect --check a.golf a.ptz >/dev/null
echo "both fit: exit $?"
for file in a.golf a.ptz; do
  over=$(($(wc -c <$file) - 1000))
  golf-inspect --check --budget 1000 $file >out 2>err
  echo "$file: exit $?, lines $(wc -l <err)"
  tr -d , <err | grep -q "by $over bytes" && echo "the message names the excess"
  tr -d , <out | grep -q "OVER by $over bytes" && echo "the report names the excess"
done
golf-inspect --check --budget "$size" a.golf a.ptz >/dev/null
echo "budget of the larger: exit $?"
golf-inspect --check --budget $((size - 1)) a.ptz a.golf >/dev/null 2>err
echo "one of two over: exit $?, lines $(wc -l <err)"
golf-inspect --check --budget $((size - 1)) a.ptz a.golf --json 2>/dev/null | grep -E '"(passed|fits|margin_bytes)"' | sed 's/[1-9][0-9]\{3,\}/N/'
golf-inspect --check --budget 1000 - <a.golf >/dev/null 2>err
echo "standard input: exit $?, $(cut -c 1-30 err)"
