# pack and unpack: exact with float32, the same through either container, repacking without loss.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --set '.=fp32' --codec zlib:1 --quiet && golf-pack unpack a.golf -o back.safetensors --quiet
cmp tiny.safetensors back.safetensors && echo "float32: the checkpoint again, byte for byte"
golf-pack tiny.safetensors --recipe baseline-int8 -o q.golf --keep-float-max 1000 --codec zlib --quiet
golf-pack bare.safetensors --recipe baseline-int8 -o q.ptz --keep-float-max 1000 --codec zlib --format ptz --model-config baseline-tiny --quiet
golf-pack tiny.pt --recipe baseline-int8 -o pt.golf --keep-float-max 1000 --codec zlib --model-config baseline-tiny --quiet
golf-pack unpack q.golf -o q1.safetensors --quiet
golf-pack unpack q.ptz -o q2.safetensors --quiet --model-config baseline-tiny
golf-pack unpack pt.golf -o q3.safetensors --quiet
cmp q1.safetensors q2.safetensors && echo "golf and ptz: same weights"
cmp q1.safetensors q3.safetensors && echo "safetensors and torch: same weights"
golf-pack q.golf -o r.golf --codec brotli:5 --quiet && golf-pack unpack r.golf -o r.safetensors --quiet
cmp q1.safetensors r.safetensors && echo "repacked under another codec: same weights"
golf-pack q.ptz -o r2.golf --quiet --model-config baseline-tiny && golf-pack unpack r2.golf -o r2.safetensors --quiet
cmp q1.safetensors r2.safetensors && echo "repacked from ptz to golf: same weights"
try golf-pack q.golf -o again.golf --recipe baseline-int8
golf-pack q.golf -o again.golf --recipe baseline-int8 --allow-requantize --quiet
echo "allowed: exit $?"
for codec in zlib:1 zstd:3 lzma:1 brotli:3 store; do
  golf-pack tiny.safetensors --recipe baseline-int8 -o c.golf --codec $codec --quiet && golf-pack unpack c.golf -o c.safetensors --quiet
  golf-inspect c.golf --json | grep '"codec"'
  cksum <c.safetensors
done | sort | uniq -c | sed 's/^ *//; s/ [0-9]\{6,\} [0-9]*$/ CHECKSUM/'
golf-pack tiny.safetensors -o k.golf --recipe baseline-int8 --codec zlib --quiet
golf-pack k.golf -o k.ptz --format ptz --quiet && golf-pack unpack k.ptz -o k1.safetensors --quiet --model-config baseline-tiny
golf-pack unpack k.golf -o k2.safetensors --quiet
cmp k1.safetensors k2.safetensors && echo "repacked from golf to ptz: same weights"
try golf-pack tiny.safetensors -o no.ptz --format ptz --set 'mlp=int6'
absent no.ptz
