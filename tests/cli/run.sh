#!/usr/bin/env bash
# Runs command-line tests. A test is NAME.sh, run in a scratch folder of its own with the tools on PATH and the
# files of make_inputs.cpp beside it. What it must print stands in
#   NAME.stdout, NAME.stderr    exactly (no file: nothing), or
#   NAME.stdout.glob, …         line by line as shell patterns with * and ?; a line "**" stands for any lines
#   NAME.exit                   its exit status (no file: 0)
# A test that ends with status 77 is skipped; its last line of output says why.
#
# usage: run.sh --bin FOLDER [--update] [NAME...]      --update rewrites the exact files and NAME.exit
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin='' update=0 names=()
while [ $# -gt 0 ]; do
  case $1 in
    --bin) bin=$(cd "$2" && pwd) || exit 2; shift 2 ;;
    --update) update=1; shift ;;
    *) names+=("$1"); shift ;;
  esac
done
[ -n "$bin" ] || { echo "usage: run.sh --bin FOLDER [--update] [NAME...]" >&2; exit 2; }
if [ ${#names[@]} -eq 0 ]; then
  for file in "$here"/*.sh; do
    name=$(basename "$file" .sh)
    case $name in run | lib | long_*) ;; *) names+=("$name") ;; esac
  done
fi

# matches_glob PATTERNS TEXT: whether the lines of file TEXT match the patterns of file PATTERNS.
matches_glob() {
  local -a patterns lines
  mapfile -t patterns <"$1"
  mapfile -t lines <"$2"
  local p=0 l=0 pattern
  while [ $p -lt ${#patterns[@]} ]; do
    if [ "${patterns[p]}" = '**' ]; then
      p=$((p + 1))
      [ $p -lt ${#patterns[@]} ] || return 0
      # Only * and ? are special: brackets and backslashes in messages are text.
      pattern=${patterns[p]//\\/\\\\} pattern=${pattern//\[/\\[}
      # shellcheck disable=SC2053
      while [ $l -lt ${#lines[@]} ] && ! [[ ${lines[l]} == $pattern ]]; do l=$((l + 1)); done
    fi
    [ $l -lt ${#lines[@]} ] || { echo "line missing: ${patterns[p]}"; return 1; }
    pattern=${patterns[p]//\\/\\\\} pattern=${pattern//\[/\\[}
    # shellcheck disable=SC2053
    [[ ${lines[l]} == $pattern ]] || {
      echo "line $((l + 1)): expected: ${patterns[p]}"
      echo "line $((l + 1)): found:    ${lines[l]}"
      return 1
    }
    p=$((p + 1)) l=$((l + 1))
  done
  [ $l -eq ${#lines[@]} ] || { echo "line $((l + 1)): unexpected: ${lines[l]}"; return 1; }
}

# compare STREAM: checks what the test wrote to stdout or stderr.
compare() {
  local expected=$here/$name.$1 found=$scratch/$1
  if [ -e "$expected.glob" ]; then
    matches_glob "$expected.glob" "$found" && return 0
  elif [ $update = 1 ]; then
    if [ -s "$found" ]; then cp "$found" "$expected"; else rm -f "$expected"; fi
    return 0
  else
    [ -e "$expected" ] || expected=/dev/null
    diff -u "$expected" "$found" && return 0
  fi
  echo "$name: $1 differs"
  return 1
}

run_one() {
  name=$1
  scratch=$(mktemp -d) || return 1
  mkdir "$scratch/work"
  "$bin/golf-make-cli-inputs" "$scratch/work" || return 1
  (
    cd "$scratch/work" || exit 1
    unset NO_COLOR COLUMNS
    export PATH="$bin:$PATH" LC_ALL=C TERM=dumb BIN="$bin" CLI_TESTS="$here" HOME="$scratch"
    exec bash -u "$here/$name.sh" <&0 >"$scratch/stdout" 2>"$scratch/stderr"
  )
  local status=$? expected=0 result=0
  if [ $status -eq 77 ]; then
    echo "skip $name: $(tail -n 1 "$scratch/stdout")"
    rm -rf "$scratch"
    return 77
  fi
  compare stdout || result=1
  compare stderr || result=1
  if [ $update = 1 ]; then
    if [ $status -eq 0 ]; then rm -f "$here/$name.exit"; else echo $status >"$here/$name.exit"; fi
  else
    [ -e "$here/$name.exit" ] && expected=$(cat "$here/$name.exit")
    [ $status -eq "$expected" ] || { echo "$name: exit status $status, expected $expected"; result=1; }
  fi
  if [ $result -eq 0 ]; then echo "ok   $name"; else echo "FAIL $name"; fi
  rm -rf "$scratch"
  return $result
}

failed=0 last=0
for name in "${names[@]}"; do
  run_one "$name"
  last=$?
  [ $last -eq 0 ] || [ $last -eq 77 ] || failed=1
done
[ ${#names[@]} -eq 1 ] && exit $last
exit $failed
