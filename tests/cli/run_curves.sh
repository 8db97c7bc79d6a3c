# Run folders: text, JSON and a picture of the losses; a run still going; damage.
. "$CLI_TESTS/lib.sh"
make_run() {  # FOLDER STEPS OFFSET
  mkdir -p "$1"
  {
    echo '{"kind":"run","schema":"golf.metrics/1","parameters":1234,"config":{"name":"toy","schedule":{"iterations":40}}}'
    awk -v n="$2" -v off="$3" 'BEGIN { for (i = 1; i <= n; ++i)
      printf "{\"kind\":\"step\",\"step\":%d,\"train_loss\":%.6f,\"lr_multiplier\":1.0,\"train_ms\":%d.0,\"tokens\":%d}\n",
             i, off + 4 / i, 100 * i, 4096 * i }'
    echo "{\"kind\":\"validation\",\"step\":$2,\"val_loss\":$3.5,\"val_bpb\":1.5}"
  } >"$1/metrics.jsonl"
}
make_run first 40 2
make_run second 25 3
echo '{"val_bpb":1.51,"bytes_total":123456}' >first/submission.json
printf '{"kind":"step","st' >>second/metrics.jsonl   # a line that is being written
golf-inspect runs first second
golf-inspect runs first second --svg losses.svg &&
  echo "$(grep -c '<circle' losses.svg) validations and $(grep -o '<path[^>]*fill="none"' losses.svg | wc -l) curves drawn"
golf-inspect runs first --json >runs.json && field runs.json schema &&
  echo "$(field runs.json steps) steps, $(grep -c train_loss runs.json) mentions of the training loss"
if command -v python3 >/dev/null; then
  python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("losses.svg")'
fi && echo "well-formed"
try golf-inspect runs first --check
try golf-inspect runs first tiny.safetensors
mkdir empty && try golf-inspect runs empty
cp -r first broken && echo '{"kind":"step","step":41}' >>broken/metrics.jsonl && try golf-inspect runs broken
# A run whose loss was NaN: what came before it is shown.
cp -r first diverged && echo '{"kind":"step","step":41,"train_loss":null,"lr_multiplier":1.0,"train_ms":1.0,"tokens":1}' >>diverged/metrics.jsonl
golf-inspect runs diverged --json >diverged.json && echo "steps before the loss was NaN: $(field diverged.json steps)"
try golf-inspect runs first --svg first
