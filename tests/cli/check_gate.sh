# golf-inspect --check: one line a file, one for all of them, exit status 1 when any is over. Any file has bytes.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors -o a.golf --recipe baseline-int8 --codec store --quiet || exit
golf-pack tiny.safetensors --recipe baseline-int8 -o a.ptz --format ptz --codec zlib --quiet || exit
size=$(wc -c <a.golf)
golf-inspect --check a.golf a.ptz >/dev/null 2>err
echo "both fit: exit $?, lines $(wc -l <err)"
for file in a.golf a.ptz; do
  over=$(($(wc -c <$file) - 1000))
  golf-inspect --check --budget 1000 $file >out 2>err
  echo "$file: exit $?, lines $(wc -l <out) and $(wc -l <err)"
  tr -d , <out | grep -q "OVER by $over bytes" && echo "the line names the excess"
done
golf-inspect --check --budget "$size" a.golf a.ptz >/dev/null
echo "budget of the larger: exit $?"
golf-inspect --check --budget $((size - 1)) a.ptz a.golf >out 2>err
echo "one of two over: exit $?, lines $(wc -l <out) and $(wc -l <err)"
tail -n 1 out
golf-inspect --check --budget $((size - 1)) a.ptz a.golf --json 2>/dev/null | grep -E '"(passed|fits|margin_bytes)"' | sed 's/[1-9][0-9]\{3,\}/N/'
golf-inspect --check --budget 1000 - <a.golf >out 2>err
echo "standard input: exit $?, $(cut -c 1-15 out)"

# bytes COUNT: bytes of no known layout.
bytes() { head -c "$1" /dev/zero | tr '\0' '\377'; }
bytes 1000 >'one|_[x].bin'
bytes 1500 >two.bin
bytes 2500 >three.bin
bytes 16500000 >mebibytes.bin
printf '%500s' '#' >code.py
try golf-inspect --check two.bin
try golf-inspect --check --budget 1500 two.bin --code code.py
try golf-inspect --check --budget 1500 'one|_[x].bin' two.bin three.bin --code code.py
try golf-inspect --check --budget 1500 'one|_[x].bin' two.bin three.bin --code code.py --markdown --quiet
try golf-inspect --check mebibytes.bin two.bin --quiet
try golf-inspect --check --quiet two.bin one*
try golf-inspect --check shard.bin --code code.py --code ./code.py
golf-inspect --check two.bin --json --quiet | grep -E '"(passed|kind|bytes|fits)"'
flip a.golf -1000 bad.golf
golf-inspect --check two.bin bad.golf >out 2>err
echo "damaged: exit $?, lines $(wc -l <out) and $(wc -l <err)"
echo "== what cannot be read stops nothing"
flip a.ptz -100 bad.ptz
try golf-inspect --check bad.golf
try golf-inspect --check --quiet bad.golf missing.golf two.bin bad.ptz . a.golf --budget 1600 | sed 's/1,29[0-9,]*/N/g; s/([0-9.]*%)$/(N%)/'
try golf-inspect --check --quiet two.bin missing.golf --markdown
golf-inspect --check --quiet two.bin missing.golf --json | grep -E '"(passed|path|error)"'

echo "== options without use"
try golf-inspect --check a.golf --by layer
try golf-inspect --check a.golf --svg a.svg
try golf-inspect a.golf --markdown
try golf-inspect --model-config baseline --code code.py
