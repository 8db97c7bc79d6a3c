# Every truncated, extended or flipped ptz artifact is refused by both tools.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors -o good --format ptz --recipe baseline-int8 --codec zlib --quiet || exit
golf-pack unpack good -o ../good.safetensors --quiet || exit
size=$(wc -c <good)
for keep in 0 1 3 4 8 16 40 100 $((size / 2)) $((size - 5)) $((size - 1)); do
  head -c "$keep" good >bad
  refused "cut" golf-pack unpack bad -o out.safetensors
  refused "cut" golf-pack bad -o out.golf
  refused "cut" golf-inspect bad
done
cp good bad && printf 'x' >>bad
refused "one byte more" golf-pack unpack bad -o out.safetensors
cat good good >bad
refused "twice" golf-pack unpack bad -o out.safetensors
for offset in 0 1 2 5 9 17 33 65 129 257 513 1025 4097 $((size / 3)) $((size / 2)) -2000 -300 -100 -33 -17 -9 -3 -1; do
  flip good "$offset" bad
  refused "flip" golf-pack unpack bad -o out.safetensors
  refused "flip" golf-inspect bad
done
