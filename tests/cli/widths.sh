# Tables in 80 and in 120 columns: no line is longer, what has no room is named.
. "$CLI_TESTS/lib.sh"
# Files of the submissions' own kind: their bytes do not name the commit.
golf-pack tiny.safetensors -o int6.ptz --format ptz --recipe pr192 --codec zlib:1 --quiet || exit
golf-pack tiny.safetensors -o int8.ptz --format ptz --recipe baseline-int8 --quiet || exit
golf-pack other.safetensors -o other.golf --quiet || exit
floats 768 >nll.f32

# at WIDTH LINES COMMAND...: the first lines of what the command shows in so many columns; longer ones are named.
at() {
  local width=$1 lines=$2
  shift 2
  printf '$ COLUMNS=%s' "$width"
  printf ' %s' "$@"
  printf '\n'
  COLUMNS=$width "$@" >whole.txt
  head -n "$lines" whole.txt >table.txt
  sed 's/^\(tool \+golf-pack\) .*/\1 …/; s/^\(codec_library \+[a-z]*\) .*/\1 …/' table.txt
  LC_ALL=C.UTF-8 awk -v width="$width" 'length($0) > width { print "longer than " width ": " $0 }' whole.txt
  echo
}
for width in 80 120; do
  echo "==== $width columns"
  at $width 99 golf-inspect int8.ptz
  at $width 99 golf-inspect int8.ptz --by tensor --top 4
  at $width 14 golf-inspect --model-config baseline-tiny
  at $width 99 golf-inspect diff int8.ptz int6.ptz --by tensor --top 3
  at $width 99 golf-pack tiny.safetensors --dry-run --format ptz --recipe baseline-int8
  at $width 16 golf-pack recipes
  at $width 12 golf-pack schemes tiny.safetensors --recipe mixed-int6
  at $width 99 golf-eval audit nll.f32 --data shard.bin --tokenizer tokenizer1024.model --seq-len 256
  at $width 99 golf-eval significance 1.0599 1.0612 1.0621 --against 1.0608 1.0609 1.0625 --profile chain
done
at 80 99 golf-inspect codecs other.golf --top 3
at 80 99 golf-pack sweep tiny.safetensors --recipe ecsq --codec zlib:1 --num-points 2
at 60 99 golf-inspect diff int8.ptz int6.ptz --by tensor --top 2
echo "==== digests"
golf-eval audit nll.f32 --data shard.bin --tokenizer tokenizer1024.model --seq-len 256 | grep -c SHA-256
golf-eval audit nll.f32 --data shard.bin --tokenizer tokenizer1024.model --seq-len 256 --verbose | grep -c SHA-256
golf-inspect shard.bin | grep -c sha256
golf-inspect shard.bin --verbose | grep -c sha256
echo "==== on a terminal"
if command -v script >/dev/null; then
  on_terminal() { TERM=xterm script -qec "stty cols 80; $1" /dev/null </dev/null | tr -d '\r' | sed 's/\x1b/ESC/g'; }
else
  on_terminal() { eval "COLUMNS=80 $1 --color always" | sed 's/\x1b/ESC/g'; }
fi
on_terminal 'golf-eval audit nll.f32 --data shard.bin --tokenizer tokenizer1024.model --seq-len 256' | head -n 2
on_terminal 'golf-inspect int8.ptz --by tensor --top 1' | tail -n 6
