#!/usr/bin/env bash
# The whole toolkit once, on any CPU: text → tokenizer and shards → golf-train → golf-pack as the upstream reference
# packs → golf-eval calibrate → golf-pack --fit at a third of those bytes → golf-eval of all three → a table and a
# picture. Installs and builds what is missing first (Debian 12). Under 7 minutes on two cores.
#
#   bash samples/quickstart.sh                 a model of English technical prose (FOLDOC, 5 MB)
#   GOLF_DATA=DIR bash samples/quickstart.sh   the challenge's own data: DIR holds fineweb_train_*.bin,
#                                              fineweb_val_*.bin and one tokenizer *.model
#   GOLF_SECONDS=N                             training time, 75 unless said
#   GOLF_BIN=DIR                               use the tools in DIR; install and build nothing
#   GOLF_WORK=DIR                              where everything that it makes goes, runs/quickstart unless said
#
# The text is unpacked from Debian's package dict-foldoc and only read; none of it is part of this project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=${GOLF_WORK:-runs/quickstart}
bin=${GOLF_BIN:-build/release/bin}
seconds=${GOLF_SECONDS:-75}
val_tokens=131072  # so much of the challenge's validation text; all of it takes hours on a CPU

mkdir -p "$work"
log=$work/build.log

# heading TEXT: announces a stage.
stage_number=0
heading() { stage_number=$((stage_number + 1)); printf '\n[%d/8 · %3d s] %s\n' "$stage_number" "$SECONDS" "$*"; }
quietly() {
  "$@" >>"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "quickstart: '$*' failed; all of its output is in $log" >&2; exit 4; }
}

heading "Set-up: packages, LibTorch"
: > "$log"
groups=(build torch)
[[ -n "${GOLF_DATA:-}" ]] || groups+=(text)
[[ -n "${GOLF_BIN:-}" ]] || scripts/setup.sh "${groups[@]}"

heading "Build: the four tools, optimized"
if [[ -z "${GOLF_BIN:-}" ]]; then
  quietly cmake --preset release
  quietly cmake --build --preset release --target golf-train golf-pack golf-inspect golf-eval
fi
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
# Newton–Schulz runs in bf16, as the reference's does, where the processor multiplies bf16. Elsewhere LibTorch would
# convert to float32 for every product, which takes 2.4 times as long as float32 from the start.
newton_schulz=fp32
! grep -qw 'avx512_bf16\|amx_bf16' /proc/cpuinfo || newton_schulz=bf16
"$bin/golf-train" --config samples/configs/baseline-cpu.json --data "$data" --tokenizer "$tokenizer" \
  --max-wallclock "$seconds" --set optimizer.muon.ns_dtype="$newton_schulz" \
  --set export.keep_float_max="$keep_float_max" -o "$work/run"
checkpoint=$work/run/final.safetensors

heading "golf-pack: int8 for each row, as the upstream reference packs"
int8=$work/int8.golf
"$bin/golf-pack" "$checkpoint" --recipe baseline-int8 --keep-float-max "$keep_float_max" -o "$int8"

heading "golf-eval calibrate, golf-pack --fit: a third of those bytes"
fitted=$work/fitted.golf
"$bin/golf-eval" calibrate "$checkpoint" --data "$data/fineweb_train_*.bin" --tokenizer "$tokenizer" \
  --max-tokens 65536 -o "$work/calibration.safetensors"
# golf:9, the default, takes some percent fewer bytes and several times as long.
"$bin/golf-pack" "$checkpoint" --fit --budget $(($(wc -c <"$int8") / 3)) --calibration "$work/calibration.safetensors" \
  --codec golf:3 -o "$fitted"

heading "golf-inspect: where the bytes are"
"$bin/golf-inspect" "$fitted" --by group --svg "$work/bytes.svg"

heading "golf-eval: before and after packing"
for model in "$checkpoint" "$int8" "$fitted"; do
  name=$(basename "$model")
  "$bin/golf-eval" "$model" --data "$data/fineweb_val_*.bin" --tokenizer "$tokenizer" \
    -o "$work/$name.eval.json" --quiet >/dev/null
  "$bin/golf-inspect" "$model" --json >"$work/$name.inspect.json"
done

python3 - "$work" <<'PYTHON'
import json, sys

work = sys.argv[1]
def read(name):
    with open(f"{work}/{name}.json") as file:
        return json.load(file)

before = None
print(f"\n  {'recipe':<22}{'bytes':>11}{'bits/weight':>13}{'bits/byte':>11}{'gap':>9}")
for recipe, name in (("float32 checkpoint", "final.safetensors"), ("baseline-int8", "int8.golf"),
                     ("best, --fit to a third", "fitted.golf")):
    file = read(f"{name}.inspect")["files"][0]
    weights = sum(row["elements"] for row in file["rows"] if not row["overhead"])
    bpb = read(f"{name}.eval")["results"][0]["val_bpb"]
    before = bpb if before is None else before
    gap = f"{bpb - before:+9.4f}" if bpb != before else ""
    print(f"  {recipe:<22}{file['bytes']:>11,}{8 * file['bytes'] / weights:>13.2f}{bpb:>11.4f}{gap}")
print(f"""
  {work}/bytes.svg                  a picture of where the fitted artifact's bytes are
  {work}/fitted.golf, int8.golf     the artifacts
  {work}/run                        configuration, log, checkpoint of the training run
  {work}/*.eval.json                the evaluations in full""")
PYTHON
echo
echo "quickstart: done in $SECONDS s"
