# Helpers for the tests: `. "$CLI_TESTS/lib.sh"`.

# try COMMAND...: prints the command, what it says on either stream, and its exit status.
try() {
  printf '$'
  printf ' %s' "$@"
  printf '\n'
  "$@" 2>&1
  printf '[exit %s]\n' $?
}

# refused NAME COMMAND...: the command must end with status 3, one line on stderr that starts with the tool's
# name, nothing on stdout, and no file left that was not there before. Says so in one line.
refused() {
  local label=$1 before after status
  shift
  before=$(ls -A)
  "$@" >../out.tmp 2>../err.tmp
  status=$?
  after=$(ls -A)
  if [ $status -ne 3 ]; then
    echo "$label: exit $status, expected 3: $(head -c 300 ../err.tmp)"
  elif [ "$(wc -l <../err.tmp)" -ne 1 ] || [ "$(wc -c <../err.tmp)" -gt 4096 ]; then
    echo "$label: not one line: $(head -c 300 ../err.tmp)"
  elif ! grep -q "^$1: " ../err.tmp; then
    echo "$label: does not start with $1: $(cat ../err.tmp)"
  elif [ -s ../out.tmp ]; then
    echo "$label: wrote to standard output"
  elif [ "$before" != "$after" ]; then
    echo "$label: left files: $(ls -A)"
  else
    echo "$label: refused"
  fi
}

# flip FILE OFFSET OUT: a copy with one bit changed at a byte offset (negative: from the end).
flip() {
  local size offset byte
  size=$(wc -c <"$1")
  offset=$2
  [ "$offset" -ge 0 ] || offset=$((size + offset))
  byte=$(od -An -tu1 -j "$offset" -N 1 "$1")
  cp "$1" "$3"
  # shellcheck disable=SC2059
  printf "\\$(printf '%03o' $((byte ^ 16)))" | dd of="$3" bs=1 seek="$offset" conv=notrunc status=none
}

# field JSON KEY: the value of the first `"KEY": value` of an indented JSON document.
field() { sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1" | head -n 1; }

# absent FILE...: says which of the files exist, none being right.
absent() {
  local file
  for file in "$@"; do
    [ ! -e "$file" ] || echo "$file was written"
  done
}

# needs_libtorch: skips the test where golf-eval cannot run models.
needs_libtorch() {
  if golf-eval --version | grep -q '^LibTorch none$'; then
    echo "golf-eval was built without LibTorch"
    exit 77
  fi
}

# needs_golf_train: skips the test where it is not built; makes data/ with a shard to train on and one to validate.
needs_golf_train() {
  command -v golf-train >/dev/null || { echo "golf-train is not built here"; exit 77; }
  mkdir data
  cp shard.bin data/fineweb_train_000000.bin
  cp shard.bin data/fineweb_val_000000.bin
}

# floats COUNT: so many losses of 1.0, raw float32.
floats() { for _ in $(seq "$1"); do printf '\0\0\200\077'; done; }
