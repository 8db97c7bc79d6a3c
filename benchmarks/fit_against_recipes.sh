#!/usr/bin/env bash
# What --fit with a calibration makes of the reference fixtures, beside the entries' own recipes, as Markdown.
#
#   benchmarks/fit_against_recipes.sh BIN REFERENCE_DATA OUT_DIR
#
# Bytes are whole files: the recipe's .ptz under its own codec; for fit, .golf files within 100, 85 and 75 % of that, codec golf:3. bpb is of the
# whole validation shard; the calibration comes from training text.
set -eu
bin=$1 data=$2 out=$3
configs=$(cd "$(dirname "$0")/.." && pwd)/tests/parity/configs
text=$data/fineweb
mkdir -p "$out"

bpb() {  # MODEL SYSTEM
  "$bin/golf-eval" "$1" --model-config "$configs/$2.json" --data "$text/fineweb_val_*.bin" --tokenizer "$text/fineweb_1024_bpe.model" --quiet --json |
    sed -n 's/^ *"val_bpb": \([0-9.]*\),*/\1/p' | head -n 1 | cut -c 1-7
}

echo "| system | bpb before | recipe: bytes, bpb | fit 100 % | fit 85 % | fit 75 % |"
echo "|---|--:|--:|--:|--:|--:|"
for system in reference pr88 pr192 pr262 pr993 pr1046; do
  recipe=$system
  [ $system != reference ] || recipe=baseline-int8
  model=$data/$system/final.safetensors
  options="--model-config $configs/$system.json --keep-float-max 4096 --quiet"
  "$bin/golf-eval" "$model" --model-config "$configs/$system.json" --data "$text/fineweb_train_*.bin" --tokenizer "$text/fineweb_1024_bpe.model" \
    --quiet --collect-calibration "$out/$system.moments" >/dev/null
  # shellcheck disable=SC2086
  "$bin/golf-pack" "$model" $options --recipe $recipe --format ptz -o "$out/$system.ptz" >/dev/null
  bytes=$(wc -c <"$out/$system.ptz")
  line="| $system | $(bpb "$model" $system) | $bytes, $(bpb "$out/$system.ptz" $system)"
  for percent in 100 85 75; do
    fitted=$out/$system.$percent.golf
    # shellcheck disable=SC2086
    "$bin/golf-pack" "$model" $options --fit --budget $((bytes * percent / 100)) --calibration "$out/$system.moments" --codec golf:3 -o "$fitted" >/dev/null
    line="$line | $(wc -c <"$fitted"), $(bpb "$fitted" $system)"
  done
  echo "$line |"
done
