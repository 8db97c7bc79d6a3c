# Two files side by side: the changes sum to the difference of the files.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec store --quiet || exit
golf-pack tiny.safetensors --recipe baseline-int8 -o b.golf --codec store --set 'mlp=int6' --quiet || exit
golf-inspect diff a.golf b.golf --by group | awk 'NF > 3 { print $1, $2, $3, $4 }' | grep mlp
for by in tensor group layer scheme; do
  golf-inspect diff a.golf b.golf --by $by --top 4 --json >d.json
  sum=$(awk -F'[:,]' '/^      "change_bytes"/ { sum += $2 } END { print sum }' d.json)
  [ "$sum" = "$(field d.json change_bytes)" ] && [ "$sum" -eq $(($(wc -c <b.golf) - $(wc -c <a.golf))) ] && echo "$by: sums"
done
golf-inspect diff bare.safetensors other.safetensors --by group
golf-inspect diff a.golf a.golf | tail -n 1 | awk '{ print $1, $4 }'
