# However it is cut, the rows of a breakdown sum exactly to the file.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --keep-float-max 1000 --quiet || exit
golf-pack tiny.safetensors --recipe baseline-int8 -o a.ptz --keep-float-max 1000 --format ptz --quiet || exit
sums() {
  for file in a.golf a.ptz tiny.safetensors tiny.pt shard.bin tokenizer.model; do
    golf-inspect $file --json "$@" >../j.json || exit
    rows=$(awk -F'[:,]' '/^          "bytes"/ { sum += $2 } END { print sum }' ../j.json)
    [ "$rows" = "$(wc -c <$file)" ] || echo "$file $*: rows sum to $rows, file has $(wc -c <$file)"
  done
}
sums
for by in tensor group layer scheme; do
  sums --by $by
  sums --by $by --top 2
  sums --by $by --top 0
  sums --by $by --filter 'attn|tok' --sort name
  sums --by $by --filter 'nothing matches this'
done
echo "all sum"
# The table for people sums too: its total is the file.
golf-inspect a.golf --by tensor --top 3 | tail -n 2 | tr -d , | grep -q " $(wc -c <a.golf) " && echo "the table's total is the file's size"
