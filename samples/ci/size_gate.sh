#!/usr/bin/env bash
# Holds files against the budget: verdicts in the job's log, a Markdown table in its summary. Exit status 1 when
# one is over, 3 when one cannot be read.
#
#   GOLF_FILES           artifacts, separated by spaces
#   GOLF_CODE            code files or folders that count with each; may be empty
#   GOLF_BUDGET          bytes; 16000000 unless given
#   GOLF_INSPECT         the program; golf-inspect unless given
#   GITHUB_STEP_SUMMARY  file that the table is added to; none: no table
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
inspect=${GOLF_INSPECT:-golf-inspect}
if ! command -v "$inspect" >/dev/null; then
  root=$here/../..
  bash "$root/scripts/setup.sh" build && cmake --preset tools-only -S "$root" -B "$root/build/tools-only" \
    -DGOLF_BUILD_TESTS=OFF && cmake --build "$root/build/tools-only" --target golf-inspect || exit
  inspect=$root/build/tools-only/bin/golf-inspect
fi
read -ra files <<<"${GOLF_FILES:?names no files}"
read -ra code <<<"${GOLF_CODE:-}"
options=(--check --budget "${GOLF_BUDGET:-16000000}")
for path in ${code[@]+"${code[@]}"}; do options+=(--code "$path"); done
"$inspect" "${options[@]}" -- "${files[@]}"
status=$?
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ $status -le 1 ]; then
  "$inspect" "${options[@]}" --markdown --quiet -- "${files[@]}" >>"$GITHUB_STEP_SUMMARY"
fi
exit $status
