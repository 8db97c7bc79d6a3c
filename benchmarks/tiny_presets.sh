#!/usr/bin/env bash
# Trains the tiny version of each preset for ten minutes of clock on this CPU and prints a Markdown table of what came out.
#
#   benchmarks/tiny_presets.sh BIN DATA_DIR TOKENIZER OUT_DIR PRESET...
#   SECONDS_EACH=600 THREADS=1   in the environment: length of a run, threads of a run (0: all)
#
# BIN holds golf-train; a PRESET is named without "-tiny". Presets that decay the learning rate by steps decay it over the
# last 1,000. Unigram entropy of the validation shard, in bits per byte, is what a model that knows nothing but the
# frequencies of tokens would score: a run that learns is below it.
set -eu
bin=$1 data=$2 tokenizer=$3 out=$4
shift 4
mkdir -p "$out"
for preset; do
  [ -e "$out/$preset/submission.json" ] && continue
  config=$("$bin/golf-train" --config "$preset-tiny" --print-config --json)
  decay=()
  grep -q '"warmdown_iters": 0,' <<<"$config" || decay=(--set schedule.warmdown_iters=1000)
  "$bin/golf-train" --config "$preset-tiny" --data "$data" --tokenizer "$tokenizer" -o "$out/$preset" --force --quiet \
    --iterations 1000000 --max-wallclock "${SECONDS_EACH:-600}" "${decay[@]}" --threads "${THREADS:-0}" >"$out/$preset.txt"
done
python3 - "$out" "$data" "$@" <<'PYTHON'
import glob, json, math, struct, sys
from collections import Counter
out, data, *presets = sys.argv[1:]
counts = Counter()
for path in glob.glob(f"{data}/fineweb_val_[0-9]*.bin"):
    raw = open(path, "rb").read()[1024:]
    counts.update(struct.unpack(f"<{len(raw) // 2}H", raw))
total = sum(counts.values())
bits = -sum(n * math.log2(n / total) for n in counts.values()) / total
print("| preset | parameters | steps | tokens | train_loss | bpb before | after pack | artifact bytes |")
print("|---|--:|--:|--:|--:|--:|--:|--:|")
for preset in presets:
    submission = json.load(open(f"{out}/{preset}/submission.json"))
    evaluation = json.load(open(f"{out}/{preset}/eval.json"))
    result = next(one for one in evaluation["results"] if one["mode"] == "standard")
    records = [json.loads(line) for line in open(f"{out}/{preset}/metrics.jsonl")]
    steps = [r for r in records if r["kind"] == "step"]
    print(f"| {preset}-tiny | {records[0]['parameters']:,} | {steps[-1]['step']:,} | {steps[-1]['tokens']:,} "
          f"| {steps[-1]['train_loss']:.3f} | {submission['pre_quant_val_bpb']:.4f} | {submission['val_bpb']:.4f} "
          f"| {submission['bytes_model']:,} |")
print(f"\nUnigram entropy of the validation tokens: {bits:.3f} bits a token, "
      f"{bits * result['tokens'] / result['bytes']:.3f} bits per byte.")
PYTHON
