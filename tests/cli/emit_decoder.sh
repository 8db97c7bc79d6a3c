# golf-pack --emit-decoder: what is written beside the artifact, what counts, what is refused.
. "$CLI_TESTS/lib.sh"
pack() { golf-pack bare.safetensors --recipe baseline-int8 --keep-float-max 1000 --set 'blocks\.[1-9]=drop' "$@"; }  # a part will do
pack -o a.golf --codec golf:3 --emit-decoder a.py --code tiny.pt --json >a.json && [ -s a.golf ] && echo "both written"
bytes=$(wc -c <a.py)
echo "named and counted: $(field a.json decoder), $(grep -c "\"bytes\": $bytes" a.json) row of its bytes"
echo "$(($(field a.json code_bytes) - $(wc -c <tiny.pt) - bytes)) bytes of other code"
pack -o b.golf --codec golf:3 --emit-decoder b.py | sed -n 's/ [0-9,]* *\(b.py\)/ N \1/p'
cmp a.golf b.golf && cmp a.py b.py && echo "the same again"
for effort in 1 2 5 9; do pack -o e$effort.golf --codec golf:$effort --emit-decoder e$effort.py --quiet; done
cmp e1.py e2.py && cmp e5.py e9.py && [ "$(wc -c <e2.py)" -lt "$bytes" ] && [ "$bytes" -lt "$(wc -c <e5.py)" ] &&
  echo "as much Python as the effort needs"
golf-pack unpack a.golf -o a.safetensors --quiet
golf-pack a.golf -o again.golf --emit-decoder again.py --quiet && cmp a.py again.py && golf-pack unpack again.golf -o again.safetensors --quiet &&
  cmp a.safetensors again.safetensors && echo "an artifact again"
pack -o plain.golf --codec golf:3 --quiet &&
  golf-pack unpack plain.golf -o plain.safetensors --quiet && cmp a.safetensors plain.safetensors && echo "the same weights as without"
pack --dry-run --codec golf:3 --emit-decoder dry.py --quiet
absent dry.py
try pack -o slow.golf --codec golf:9 --emit-decoder slow.py --quiet
pack -o slow.golf --codec golf:9 --emit-decoder slow.py 2>&1 >/dev/null
pack -o slow.golf --codec golf:9 --emit-decoder fast.py --decoder-language c 2>&1 >/dev/null
[ "$(wc -c <fast.py)" -lt $(($(wc -c <slow.py) + 1000)) ] && echo "C takes less than 1,000 bytes more, and no warning"
try pack -o c.golf --codec zstd:3 --emit-decoder c.py
try pack -o c.golf --codec golf:3 --decoder-language c
try pack -o c.golf --codec golf:3 --emit-decoder c.py --decoder-language fortran
try pack -o c.ptz --format ptz --codec golf:3 --emit-decoder c.py
try pack -o c.golf --codec golf:3 --emit-decoder -
try pack -o c.golf --codec golf:3 --emit-decoder bare.safetensors
try pack -o c.golf --codec golf:3 --emit-decoder ./c.golf
try pack -o c.golf --codec golf:3 --emit-decoder missing/c.py
absent c.golf c.ptz c.py
