# --quiet leaves errors, refusals and results; nothing else.
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --quiet
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --quiet --budget 900MB --headroom 899MB
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --quiet --json | grep '"schema"'
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --quiet --budget 1 2>&1 | sed 's/[0-9,]* bytes/N bytes/g'
golf-inspect nan.safetensors --quiet | head -n 1
golf-pack nan.safetensors --recipe baseline-int8 -o b.golf --quiet; echo "exit $?"
