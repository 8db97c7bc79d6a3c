# Pictures byte for byte, tables of losses, the options that shape them; what would do nothing is refused.
. "$CLI_TESTS/lib.sh"
make_run() {  # FOLDER SEED STEPS OFFSET
  mkdir -p "$1"
  {
    echo "{\"kind\":\"run\",\"schema\":\"golf.metrics/1\",\"parameters\":1234,\"config\":{\"name\":\"toy\",\"seed\":$2,\"schedule\":{\"iterations\":4}}}"
    awk -v n="$3" -v off="$4" 'BEGIN { for (i = 1; i <= n; ++i)
      printf "{\"kind\":\"step\",\"step\":%d,\"train_loss\":%.6f,\"lr_multiplier\":1.0,\"train_ms\":%d.0,\"tokens\":%d}\n",
             i, off + 4 / i + (i % 2) / 4, 100 * i, 4096 * i }'
    echo "{\"kind\":\"validation\",\"step\":$3,\"val_loss\":$4.5,\"val_bpb\":1.5}"
  } >"$1/metrics.jsonl"
}
make_run runs/first 1 4 3
make_run runs/second 2 4 6
golf-inspect runs runs/first runs/second --csv -
golf-inspect runs runs/first runs/second --mean --unit nats --csv -
golf-inspect runs runs/first --smooth 3 --figure --svg -
golf-inspect runs runs/first runs/second --mean --axis tokens --log xy --svg - | grep -E 'class="band"|training tokens'
golf-inspect runs runs/first --svg a.svg --csv a.csv && echo "both: $(wc -l <a.csv) lines, $(grep -c '<svg' a.svg) picture"
golf-inspect other.safetensors --svg -
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --keep-float-max 1000 --quiet
for by in group layer scheme tensor; do
  golf-inspect a.golf --by $by --svg $by.svg
  echo "by $by: $(grep -c '<title>blocks\.' $by.svg) tensors of blocks, boxes: $(grep -o 'font-weight="600">[^<]*' $by.svg | tail -n +2 | cut -d '>' -f 2 | sed 's/  .*//' | sort | tr '\n' ';')"
done
# The tool's version stands in the artifact: its size is no constant.
numbers() { sed -E 's/[0-9][0-9,.]*/N/g'; }
golf-inspect a.golf --code shard.bin --budget 16MB --svg - | grep -E 'free:|code:|left \(' | numbers
golf-inspect a.golf --budget 1kB --svg - | grep 'OVER' | numbers
for picture in a.svg group.svg layer.svg; do
  if command -v python3 >/dev/null; then python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' $picture; fi && echo "$picture is well-formed"
done
try golf-inspect a.golf --svg b.svg --filter mlp
try golf-inspect runs runs/first --log x
try golf-inspect runs runs/first --unit nats
try golf-inspect runs runs/first --csv b.svg --figure
try golf-inspect runs runs/first --svg b.svg --axis bytes
try golf-inspect runs runs/first --svg b.svg --csv b.svg
try golf-inspect runs runs/first --svg b.svg --smooth -1
sed -i '/validation/d' runs/second/metrics.jsonl
try golf-inspect runs runs/first runs/second --unit bpb --csv b.svg
absent b.svg
