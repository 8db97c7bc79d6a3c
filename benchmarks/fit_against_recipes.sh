#!/usr/bin/env bash
# What --fit with a calibration makes of the reference fixtures, beside the submissions' own recipes, as Markdown.
#
#   benchmarks/fit_against_recipes.sh BIN REFERENCE_DATA OUT_DIR [SYSTEM...]
#
# Bytes are whole files: the recipe's .ptz under its own codec; for fit, .golf files within 100, 75, 50 and 35 % of that, codec golf:3. Gap: bits per
# byte of the whole validation shard, more than before packing; in brackets what golf-pack expected. The calibration comes from training text.
set -eu
bin=$1 data=$2 out=$3
shift 3
[ $# -gt 0 ] || set -- reference pr88 pr192 pr262 pr993 pr1046
configs=$(cd "$(dirname "$0")/.." && pwd)/tests/parity/configs
text=$data/fineweb
mkdir -p "$out"

bpb() {  # MODEL SYSTEM
  "$bin/golf-eval" "$1" --model-config "$configs/$2.json" --data "$text/fineweb_val_*.bin" --tokenizer "$text/fineweb_1024_bpe.model" --quiet --json |
    sed -n 's/^ *"val_bpb": \([0-9.]*\),*/\1/p' | head -n 1
}
less() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%+.5f", a - b }'; }

echo "| system | bpb before | recipe: bytes, gap | fit 100 % | fit 75 % | fit 50 % | fit 35 % |"
echo "|---|--:|--:|--:|--:|--:|--:|"
for system in "$@"; do
  recipe=$system
  [ $system != reference ] || recipe=baseline-int8
  model=$data/$system/final.safetensors
  options="--model-config $configs/$system.json --keep-float-max 4096 --quiet"
  [ -e "$out/$system.calibration" ] ||
    "$bin/golf-eval" calibrate "$model" --model-config "$configs/$system.json" --data "$text/fineweb_train_*.bin" --tokenizer "$text/fineweb_1024_bpe.model" \
      --quiet -o "$out/$system.calibration" >/dev/null
  # shellcheck disable=SC2086
  "$bin/golf-pack" "$model" $options --recipe $recipe --format ptz -o "$out/$system.ptz" >/dev/null
  bytes=$(wc -c <"$out/$system.ptz")
  before=$(bpb "$model" $system)
  line="| $system | ${before:0:7} | $bytes, $(less "$(bpb "$out/$system.ptz" $system)" "$before")"
  for percent in 100 75 50 35; do
    fitted=$out/$system.$percent.golf
    # shellcheck disable=SC2086
    "$bin/golf-pack" "$model" $options --json --fit --budget $((bytes * percent / 100)) --calibration "$out/$system.calibration" --codec golf:3 \
      -o "$fitted" >"$out/fit.json"
    expected=$(sed -n 's/.*"predicted_gap_bpb": \([0-9.e-]*\).*/\1/p' "$out/fit.json")
    line="$line | $(wc -c <"$fitted"), $(less "$(bpb "$fitted" $system)" "$before") ($(less "$expected" 0))"
  done
  echo "$line |"
done
