#!/usr/bin/env bash
# The whole toolkit once, on a CPU: text → tokenizer and shards → golf-train → golf-pack → golf-inspect → golf-eval
# before and after packing. Installs and builds what is missing first (Debian 12).
#
#   bash samples/quickstart.sh                 a model of English technical prose (FOLDOC, 5 MB)
#   GOLF_DATA=DIR bash samples/quickstart.sh   the challenge's own data: DIR holds fineweb_train_*.bin,
#                                              fineweb_val_*.bin and one tokenizer *.model
#   GOLF_SECONDS=N                             training time, 120 unless said
#
# Everything it makes is in runs/quickstart. The text is unpacked from Debian's package dict-foldoc and only read; none
# of it is part of this project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=runs/quickstart
bin=build/release/bin
seconds=${GOLF_SECONDS:-120}
val_tokens=131072  # so much of the challenge's validation text; all of it takes hours on a CPU

mkdir -p "$work"
log=$work/build.log

# heading TEXT: announces a stage.
stage_number=0
heading() { stage_number=$((stage_number + 1)); printf '\n[%d/7 · %3d s] %s\n' "$stage_number" "$SECONDS" "$*"; }
quietly() {
  "$@" >>"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "quickstart: '$*' failed; all of its output is in $log" >&2; exit 4; }
}

heading "Set-up: packages, LibTorch"
: > "$log"
groups=(build torch)
[[ -n "${GOLF_DATA:-}" ]] || groups+=(text)
scripts/setup.sh "${groups[@]}"

heading "Build: the four tools, optimised"
quietly cmake --preset release
quietly cmake --build --preset release --target golf-train golf-pack golf-inspect golf-eval
echo "$bin/golf-train, golf-pack, golf-inspect, golf-eval"

if [[ -n "${GOLF_DATA:-}" ]]; then
  heading "Data: $GOLF_DATA"
  train_shards=("$GOLF_DATA"/fineweb_train_*.bin) val_shards=("$GOLF_DATA"/fineweb_val_*.bin)
  tokenizers=("$GOLF_DATA"/*.model)
  for file in "${train_shards[0]}" "${val_shards[0]}" "${tokenizers[0]}"; do
    [[ -e "$file" ]] || { echo "quickstart: no $file: GOLF_DATA must hold training and validation shards and a tokenizer" >&2; exit 3; }
  done
  data=$work/challenge
  rm -rf "$data"
  mkdir -p "$data"
  for shard in "${train_shards[@]}"; do ln -s "$(realpath "$shard")" "$data/"; done
  python3 samples/make_shards.py head "$val_tokens" "${val_shards[0]}" "$data/fineweb_val_000000.bin"
  tokenizer=${tokenizers[0]}
else
  heading "Data: the Free On-line Dictionary of Computing, a tokenizer of 1,024 pieces, token shards"
  data=$work/text/shards tokenizer=$work/text/foldoc_1024_bpe.model
  if [[ ! -e "$work/text/done" ]]; then
    rm -rf "$work/text"
    mkdir -p "$data"
    (
      cd "$work/text"
      apt-get -qq -o APT::Sandbox::User="$(id -un)" download dict-foldoc ||
        { echo "quickstart: cannot download dict-foldoc: run 'apt-get update' as root, then this again" >&2; exit 4; }
      dpkg-deb -x dict-foldoc_*.deb package
    )
    python3 samples/foldoc_documents.py "$work/text/package/usr/share/dictd/foldoc.dict.dz" \
      "$work/text/train.txt" "$work/text/val.txt"
    # The ids are laid out as in the challenge's tokenizer: 0–2 control, 3 unknown, 4–259 bytes, then pieces.
    quietly spm_train --input="$work/text/train.txt" --model_prefix="${tokenizer%.model}" --model_type=bpe \
      --vocab_size=1024 --byte_fallback=true --character_coverage=0.999 --split_digits=true \
      --hard_vocab_limit=false --max_sentence_length=65536 --num_threads=2 \
      --pad_id=0 --bos_id=1 --eos_id=2 --unk_id=3
    for part in train val; do
      spm_encode --model="$tokenizer" --output_format=id < "$work/text/$part.txt" |
        python3 samples/make_shards.py encode "$data/fineweb_${part}_000000.bin"
    done
    touch "$work/text/done"
  fi
  echo "$data, $tokenizer"
fi

heading "golf-train: five layers, 128 wide, $seconds s"
rm -rf "$work/run"
# At full size the reference keeps matrices of up to 65,536 weights as floats: in a model this small, nearly all of them.
keep_float_max=4096
"$bin/golf-train" --config samples/configs/baseline-cpu.json --data "$data" --tokenizer "$tokenizer" \
  --max-wallclock "$seconds" --set export.keep_float_max="$keep_float_max" -o "$work/run"
checkpoint=$work/run/final.safetensors

heading "golf-pack: per-row int8"
"$bin/golf-pack" "$checkpoint" --recipe baseline-int8 --keep-float-max "$keep_float_max" -o "$work/model.golf"

heading "golf-inspect: where the bytes are"
"$bin/golf-inspect" "$work/model.golf" --by group

heading "golf-eval: before and after packing"
for model in "$checkpoint" "$work/model.golf"; do
  "$bin/golf-eval" "$model" --data "$data/fineweb_val_*.bin" --tokenizer "$tokenizer" \
    -o "$work/eval_$(basename "$model").json"
done

python3 - "$work" <<'PYTHON'
import json, os, sys

work = sys.argv[1]
def bpb(name):
    with open(f"{work}/eval_{name}.json") as file:
        return json.load(file)["results"][0]["val_bpb"]

before, after = bpb("final.safetensors"), bpb("model.golf")
print(f"""
  artifact        {os.path.getsize(f"{work}/model.golf"):,} bytes of 16,000,000
  before packing  {before:.4f} bits per byte
  after packing   {after:.4f} bits per byte
  gap             {after - before:+.4f}

  {work}/model.golf                 the artifact
  {work}/run                        configuration, log, checkpoint of the training run
  {work}/eval_*.json                the evaluations in full""")
PYTHON
echo
echo "quickstart: done in $SECONDS s"
