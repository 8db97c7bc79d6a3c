#!/usr/bin/env bash
# Whether golf-pack writes the same bytes, and unpacks the same values, whoever compiled it and wherever it runs.
#
#   scripts/same_bytes.sh [CHECKPOINT CALIBRATION REGEX]
#
# Builds golf-pack with g++ and with clang++-14, each with and without -march=native, into
# build/same-bytes, and packs the checkpoint, its tensors that REGEX matches in several schemes,
# with several codecs, and by --fit, on one and on two threads. The calibration needs gradients,
# as golf-eval collects them. Without arguments it is the model of the command-line tests. The
# plain g++ build also runs with what glibc has for processors without FMA and AVX. Prints the
# start of the SHA-256 of each artifact and of what it unpacks to. Exit status 1 when any differ,
# 3 without the compilers, 4 when a build fails.
set -euo pipefail
(( $# == 0 || $# == 3 )) || { echo "usage: $0 [CHECKPOINT CALIBRATION REGEX]" >&2; exit 2; }
inputs=("$@")
(( $# == 0 )) || inputs=("$(realpath "$1")" "$(realpath "$2")" "$3")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$PWD/build/same-bytes
plain_processor=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX,-AVX2,-AVX512F
# Scheme or --fit with its goal, codec. A budget is a percentage of the checkpoint. Codec golf writes
# method 2; "table:" quantizes the embedding, whose rows it may code from the last one on, and
# "cross:" the matrices by a calibration with cross moments, where the inputs are the script's own.
cases=(
  "int6 golf:2" "int6 golf:5" "int6+gptq golf:9" "int6+gptq+actorder zstd:19"
  "ecsq:0.125 golf:5" "ecsq:0.125+columns golf:9"
  "tcq:0.2+gptq+columns golf:2" "tcq:0.2+gptq+columns golf:5" "tcq:0.2+gptq+columns golf:9"
  "tcq64:0.2+gptq+columns golf:9" "tcq256:0.2+gptq+columns golf:2"
  "ecsq:0.125+rows golf:5" "tcq:0.2+gptq+rows golf:2" "tcq:0.2+gptq+columns+rows golf:9"
  "table:tcq256:0.2 golf:3" "table:tcq:0.2+rows golf:9" "table:int6 golf:9"
  "cross:tcq:0.2+gptq+columns golf:9" "cross:tcq256:0.2+gptq+columns+rows golf:3"
  "fit:budget=8% golf:2" "fit:target-gap=0.002 golf:5"
)

# build NAME COMPILER FLAGS
build() {
  command -v "$2" >/dev/null || { echo "same_bytes: $2 is not installed" >&2; exit 3; }
  echo "building $1" >&2
  { cmake -S . -B "$work/$1" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGOLF_WITH_TORCH=OFF -DCMAKE_CXX_COMPILER="$2" -DCMAKE_CXX_FLAGS="$3" &&
    cmake --build "$work/$1" --target golf-pack golf-make-cli-inputs; } >"$work/$1.log" 2>&1 ||
    { tail -n 20 "$work/$1.log" >&2; exit 4; }
}

# sums BUILD THREADS SCHEME CODEC
sums() {
  local pack=$work/$1/bin/golf-pack calibration=${inputs[1]} how
  case $3 in
    fit:budget=*) local percent=${3#*=}; how=(--fit --budget $(( $(stat -c %s "${inputs[0]}") * ${percent%\%} / 100 ))) ;;
    fit:target-gap=*) how=(--fit --target-gap "${3#*=}" --budget 1GB) ;;
    table:*) how=(--set "^tok_emb.weight$=${3#*:}" --budget 1GB) ;;
    cross:*) how=(--set "${inputs[2]}=${3#*:}" --budget 1GB) calibration=$work/inputs/cross_moments.safetensors ;;
    *) how=(--set "${inputs[2]}=$3" --budget 1GB) ;;
  esac
  "$pack" "${inputs[0]}" -o "$work/a.golf" --calibration "$calibration" "${how[@]}" --codec "$4" --threads "$2" --quiet
  "$pack" unpack "$work/a.golf" -o "$work/a.safetensors" --threads "$2" --quiet
  echo "artifact $(sha256sum <"$work/a.golf" | cut -c 1-16), values $(sha256sum <"$work/a.safetensors" | cut -c 1-16)"
}

mkdir -p "$work/inputs"
build gcc g++ ""
build clang clang++-14 ""
build gcc-native g++ -march=native
build clang-native clang++-14 -march=native
# Artifacts name the version and commit that wrote them.
versions=$(for name in gcc clang gcc-native clang-native; do "$work/$name/bin/golf-pack" --version | head -n 1; done | sort -u)
[[ $(wc -l <<<"$versions") -eq 1 ]] || { echo "same_bytes: the sources changed during the builds; run it again" >&2; exit 4; }
if (( ${#inputs[@]} == 0 )); then
  "$work/gcc/bin/golf-make-cli-inputs" "$work/inputs"
  inputs=("$work/inputs/tiny.safetensors" "$work/inputs/statistics.safetensors" '(attn|mlp).*weight$')
fi

different=0
# expect WHO SUMS
expect() { [[ "$2" == "$expected" ]] || { echo "  $1: $2"; different=1; }; }
for case in "${cases[@]}"; do
  read -r scheme codec <<<"$case"
  [[ $scheme != cross:* || ${inputs[0]} == "$work"/* ]] || continue
  expected=$(sums gcc 1 "$scheme" "$codec")
  printf '%-26s %-8s %s\n' "$scheme" "$codec" "$expected"
  expect "gcc, 2 threads" "$(sums gcc 2 "$scheme" "$codec")"
  for name in clang gcc-native clang-native; do expect "$name, 1 thread" "$(sums $name 1 "$scheme" "$codec")"; done
  expect "clang-native, 2 threads" "$(sums clang-native 2 "$scheme" "$codec")"
  expect "gcc without FMA and AVX" "$(GLIBC_TUNABLES=$plain_processor sums gcc 1 "$scheme" "$codec")"
done
(( different )) || echo "the same everywhere"
exit $different
