# golf-eval batch: a line for each score, the same however often it was killed.
. "$CLI_TESTS/lib.sh"
needs_libtorch
# Eight documents of 125 tokens.
{ head -c 8 shard.bin; printf '\xe8\x03'; head -c 1024 shard.bin | tail -c +11; for _ in $(seq 8); do printf '\1\0'; tail -c +1027 shard.bin | head -c 248; done; } >text.bin
cp tiny.safetensors other.safetensors
modes='{"name": "16", "seq_len": 16}, {"name": "sliding", "mode": "sliding", "seq_len": 16, "stride": 8}, {"name": "documents", "mode": "documents", "seq_len": 16, "pack_seqs": 4}, {"name": "tail", "seq_len": 48, "include_tail": true}, {"name": "cache", "seq_len": 16, "ngram_cache": "exact"}'
manifest() {  # MODELS
  echo "{\"models\": [$1], \"data\": [{\"name\": \"val\", \"data\": \"text.bin\", \"tokenizer\": \"tokenizer1024.model\"}], \"modes\": [$modes], \"devices\": [\"cpu\", \"cpu\"]}"
}
manifest '{"name": "one", "model": "tiny.safetensors"}, {"name": "two", "model": "other.safetensors", "data": ["val"]}' >manifest.json
golf-eval batch manifest.json -o whole.jsonl --draws 200 --threads 1 >summary.txt 2>notes.txt
echo "exit $?, $(wc -l <whole.jsonl) lines, $(grep -c '^golf-eval: .* bpb$' notes.txt) notes"
sed 's/  */ /g' summary.txt | cut -d ' ' -f 1-3
# The figures are those of golf-eval itself.
golf-eval tiny.safetensors --data text.bin --tokenizer tokenizer1024.model --seq-len 16 --json >own.json
[ "$(sed -n '1s/.*"val_bpb":\([0-9.e-]*\),.*/\1/p' whole.jsonl)" = "$(field own.json val_bpb)" ] && echo "the same score"
# Killed at ten moments: as soon as so many lines are there.
for lines in 0 1 2 3 4 5 6 7 8 9; do
  golf-eval batch manifest.json -o killed.jsonl --draws 200 --threads 1 --quiet >/dev/null 2>&1 &
  batch=$!
  while [ "$( (wc -l <killed.jsonl) 2>/dev/null || echo 0)" -lt "$lines" ] && kill -0 $batch 2>/dev/null; do sleep 0.05; done
  kill -9 $batch 2>/dev/null
  wait $batch 2>/dev/null
done
printf '{"schema":"golf.ba' >>killed.jsonl # what a kill inside a line would leave
golf-eval batch manifest.json -o killed.jsonl --draws 200 --threads 1 --quiet >again.txt
cmp whole.jsonl killed.jsonl && cmp summary.txt again.txt && echo "the same lines"
echo "-----"
# Models that cannot be scored do not stop the others.
manifest '{"name": "bad", "model": "nan.safetensors"}, {"name": "one", "model": "tiny.safetensors"}' | sed 's/, {"name": "sliding".*}\], "dev/], "dev/' >bad.json
golf-eval batch bad.json -o bad.jsonl --draws 200 --json >lines.txt 2>err.txt
echo "exit $?, $(wc -l <lines.txt) line"
sed 's/: [0-9.]* bpb/: N bpb/' err.txt
# The line that is there stays in its place.
golf-eval batch manifest.json -o bad.jsonl --draws 200 --quiet | wc -l
try golf-eval batch manifest.json -o whole.jsonl --draws 300
try golf-eval batch manifest.json
try golf-eval batch manifest.json -o -
echo '{"models": [], "data": [], "modes": []}' >none.json
try golf-eval batch none.json -o none.jsonl
manifest '{"name": "one", "model": "tiny.safetensors", "data": ["train"]}' >wrong.json
try golf-eval batch wrong.json -o none.jsonl
manifest '{"name": "one", "model": "tiny.safetensors", "flags": "-o x"}' >wrong.json
try golf-eval batch wrong.json -o none.jsonl
manifest '{"name": "one", "model": "missing"}' >wrong.json
refused "a model that is not there" golf-eval batch wrong.json -o none.jsonl
absent none.jsonl
