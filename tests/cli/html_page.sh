# golf-inspect --html: one file that loads nothing, written whole or not at all; names are data.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --keep-float-max 1000 --quiet
golf-pack tiny.safetensors --recipe baseline-int8 --format ptz -o b.ptz --quiet
mkdir run
printf '%s\n' '{"kind":"run","schema":"golf.metrics/1","parameters":1,"config":{"name":"toy","schedule":{"iterations":2}}}' \
  '{"kind":"step","step":1,"train_loss":3.5,"lr_multiplier":1.0,"train_ms":1.0,"tokens":1}' >run/metrics.jsonl
parts() {  # PAGE: what it has
  echo "$1: $(grep -c '</html>' "$1") page, $(grep -o '<script' "$1" | wc -l) scripts, $(grep -oE '(src|href)=' "$1" | wc -l) references," \
    "$(grep -oE '"(files|diff|runs|submissions|results|integers)":' "$1" | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }')"
}
golf-inspect a.golf --html one.html && parts one.html
golf-inspect a.golf b.ptz run --html all.html && parts all.html
golf-inspect runs run --html runs.html && parts runs.html
golf-inspect tiny.pt shard.bin tokenizer.model --html others.html && parts others.html
golf-inspect - --html - <a.golf >piped.html && parts piped.html
golf-inspect a.golf --html again.html --threads 1 && cmp one.html again.html && echo "the same page again"
golf-inspect hostile.safetensors --html hostile.html 2>/dev/null && parts hostile.html
grep -c "$(printf '\033')" hostile.html
grep -o '<pre>.*' one.html | head -n 1 | sed -E 's/[0-9][0-9,.]*/N/g'
mkdir -p 'sub/</script><b>' && printf 'seed:2\nstep:5/5 train_loss:2.0 train_time:500ms step_avg:100.00ms\n' >'sub/</script><b>/train_seed1.log'
cp -r 'sub/</script><b>' plain
golf-inspect submission 'sub/</script><b>' --html sub.html && parts sub.html && grep -c '<b>' sub.html
echo '{"schema":"golf.verify/1"}' >verify.json
printf '{"schema":"golf.batch/1"}\n{"schema":"golf.batch/1"}\n' >batch.jsonl
golf-inspect submission plain 'sub/</script><b>' --html board.html --result verify.json --result batch.jsonl && parts board.html
golf-inspect submission plain --html gate.html --check >/dev/null; echo "with --check: $?"
echo '{"schema":"golf.eval/1"}' >eval.json
printf '{"schema":"golf.batch/1"}\n{"schema"' >cut.jsonl
try golf-inspect submission plain --html b.html --result eval.json
try golf-inspect submission plain --html b.html --result cut.jsonl
try golf-inspect submission plain --html b.html --result absent.json
try golf-inspect submission plain --result verify.json
try golf-inspect submission plain --html b.html --sarif
try golf-inspect submission plain --html b.html --json
try golf-inspect submission plain --html verify.json --result verify.json
try golf-inspect a.golf --html a.golf
try golf-inspect a.golf --html b.html --by layer
try golf-inspect a.golf --html b.html --check
try golf-inspect a.golf --html b.html --json
try golf-inspect a.golf plain --html b.html
head -c 3000 a.golf >cut.golf
try golf-inspect cut.golf --html b.html | sed -E 's/[0-9]+ bytes expected and [0-9]+ left/N/'
flip a.golf -3000 damaged.golf
golf-inspect damaged.golf --html b.html 2>/dev/null; echo "damaged weights: $?"
absent b.html
