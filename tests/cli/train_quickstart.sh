# samples/quickstart.sh from its data on (golf-train, golf-pack, golf-eval, golf-inspect): its table has a row for each model,
# and the picture is there.
. "$CLI_TESTS/lib.sh"
needs_golf_train
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
cp tokenizer1024.model data/
GOLF_BIN=$BIN GOLF_DATA=$PWD/data GOLF_WORK=$PWD/made GOLF_SECONDS=1 bash "$CLI_TESTS/../../samples/quickstart.sh" >told 2>errors ||
  { echo "exit $?"; tail -n 5 told errors; }
# Numbers are N; a gap has a sign.
sed -n '/^  recipe/,/^$/p' told | sed -E 's/[+-][0-9.]+/gap/; s/ [0-9][0-9.,]*/ N/g; s/  +/  /g'
head -c 4 made/bytes.svg && echo " made/bytes.svg"
[ "$(wc -c <made/fitted.golf)" -le $(($(wc -c <made/int8.golf) / 3)) ] && echo "fitted to a third of int8's bytes"
