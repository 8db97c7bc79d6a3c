# Truncated, extended and damaged checkpoints are refused; so is anything over the size limit, at once.
. "$CLI_TESTS/lib.sh"
for file in tiny.safetensors tiny.pt; do
  echo "$file"
  size=$(wc -c <$file)
  for keep in 1 7 8 9 100 1000 $((size / 2)) $((size - 4)) $((size - 1)); do
    head -c "$keep" $file >bad
    refused "cut" golf-pack bad -o out.golf
    refused "cut" golf-inspect bad
  done
  cp $file bad && printf 'x' >>bad
  refused "one byte more" golf-pack bad -o out.golf
done
echo "flipped"
for offset in 0 3 7 8 9 20; do
  flip tiny.safetensors $offset bad
  refused "safetensors header" golf-pack bad -o out.golf
done
for offset in 0 2 -1 -2 -6 -12 -22; do
  flip tiny.pt $offset bad
  refused "zip record" golf-pack bad -o out.golf
done
flip tiny.pt 700000 bad
refused "zip payload" golf-pack bad -o out.golf
echo "oversized"
truncate -s 1100000000 bad
refused "over the limit" golf-pack bad -o out.golf
refused "over the limit" golf-inspect bad
echo "not finite"
refused "nan" golf-pack nan.safetensors -o out.golf
try golf-pack nan.safetensors -o out.golf
golf-inspect nan.safetensors >/dev/null
