#!/usr/bin/env bash
# Fuzzes the readers of untrusted files (tests/fuzz) with libFuzzer under the address and undefined-behavior sanitizers.
#
#   scripts/fuzz.sh SECONDS [HARNESS...]
#
# Builds the preset fuzz, lets golf-make-fuzz-seeds write inputs to start from, and runs every harness, or those named, for
# SECONDS each. What was found interesting stays in build/fuzz/corpus/HARNESS for the next run; an input that crashes, takes
# over 10 s, over 2 GiB in all or 768 MiB at once is kept in build/fuzz/findings, and build/fuzz/bin/fuzz-HARNESS FILE runs it
# again. The logs lie in build/fuzz/logs. Exit status 1 when anything was found, 3 without clang++-14, 4 when the build fails.
set -uo pipefail
[[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || { echo "usage: $0 SECONDS [HARNESS...]" >&2; exit 2; }
seconds=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang++-14 >/dev/null || { echo "fuzz: clang++-14 is not installed" >&2; exit 3; }

work=$PWD/build/fuzz
mkdir -p "$work/logs" "$work/findings"
{ cmake --preset fuzz && cmake --build --preset fuzz && "$work/bin/golf-make-fuzz-seeds" "$work/seeds"; } >"$work/logs/build" 2>&1 ||
  { tail -n 20 "$work/logs/build" >&2; exit 4; }

harnesses=("$@")
(( $# )) || harnesses=($(ls "$work/seeds"))
found=0
printf '%-14s %8s %12s %10s %8s %8s  %s\n' harness seconds executions edges inputs "peak MB" outcome
for name in "${harnesses[@]}"; do
  [[ -x "$work/bin/fuzz-$name" ]] || { echo "fuzz: no harness $name; there are $(ls "$work/seeds" | xargs)" >&2; exit 2; }
  mkdir -p "$work/corpus/$name"
  log=$work/logs/$name start=$SECONDS outcome=ok
  "$work/bin/fuzz-$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=768 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="$work/findings/$name-" "$work/corpus/$name" "$work/seeds/$name" >"$log" 2>&1 || { outcome="found: build/fuzz/logs/$name"; found=1; }
  # Figures of libFuzzer's last line of progress, and of its statistics.
  stat() { sed -nE "s/^stat::$1: +//p" "$log" | tail -n 1; }
  progress() { grep -oE "$1: [0-9]+" "$log" | tail -n 1 | cut -d ' ' -f 2; }
  printf '%-14s %8s %12s %10s %8s %8s  %s\n' "$name" $(( SECONDS - start )) "$(stat number_of_executed_units)" \
    "$(progress cov)" "$(progress corp)" "$(stat peak_rss_mb)" "$outcome"
done
exit $found
