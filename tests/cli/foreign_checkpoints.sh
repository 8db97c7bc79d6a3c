# Checkpoints as trainers, wrappers and other tools leave them: read, with a note of what was done.
. "$CLI_TESTS/lib.sh"
mkdir in
golf-make-cli-inputs in foreign || exit
cd in || exit


golf-pack plain.safetensors -o plain.golf --recipe mixed-int6 --codec zlib --quiet || exit
golf-pack unpack plain.golf -o plain.out --quiet || exit
# same NAME INPUT [OPTION...]: packs, shows the notes, compares the weights with those of plain.safetensors.
same() {
  local label=$1
  shift
  echo "== $label"
  golf-pack "$@" -o other.golf --recipe mixed-int6 --codec zlib 2>&1 >/dev/null
  golf-pack unpack other.golf -o other.out --quiet && cmp plain.out other.out && echo "the same weights"
}
same "DistributedDataParallel" ddp.safetensors
same "torch.compile" compiled.safetensors
same "both" both.safetensors
same "a trainer's module" trainer.safetensors
same "blocks compiled one by one" blocks_compiled.safetensors
same "a training checkpoint" nested.pt
same "one of two" two.pt --key ema
same "by its index" model.safetensors.index.json
mkdir folder parts one
cp model* folder
cp model-0000* parts
cp plain.safetensors one
same "by its folder" folder
same "a folder of parts alone" parts
same "a folder with one file" one

echo "== a tied head stored twice"
golf-pack tied.safetensors -o tied.golf --recipe mixed-int6 --codec zlib 2>&1 >/dev/null
golf-pack tied.pt -o tied2.golf --model-config config.json --recipe mixed-int6 --codec zlib 2>&1 >/dev/null
golf-inspect tied.golf --by tensor --json | grep -c '"name": "lm_head.weight"'
golf-pack unpack tied.golf -o tied.out --quiet
golf-inspect tied.out --by tensor --filter 'lm_head|tok_emb' --sort name | grep weight | cut -c 1-24
golf-inspect extract tied.golf lm_head.weight -o a.npy
golf-inspect extract tied.golf tok_emb.weight -o b.npy
cmp a.npy b.npy && echo "the head has the embedding's values"
try golf-pack untied.safetensors -o a.golf --model-config config.json
golf-pack untied.safetensors -o untied.golf --recipe mixed-int6 --codec zlib --quiet
golf-inspect untied.golf --by tensor --json | grep -c '"name": "lm_head.weight"'

echo "== dtypes"
for dtype in float16 bfloat16 float64 f8; do
  for recipe in baseline-int8 mixed-int6 best; do
    golf-pack $dtype.safetensors --model-config config.json -o a.golf --recipe $recipe --codec zlib --quiet &&
      golf-inspect --check a.golf >/dev/null && echo "$dtype, $recipe: packed"
  done
done
golf-pack f8.safetensors -o a.golf --set '.*=keep' --quiet && golf-pack unpack a.golf -o f8.out --quiet
golf-inspect f8.out --by scheme --json | grep -o '"float8_e4m3fn"' | sort -u
golf-inspect extract f8.safetensors tok_emb.weight -o f8.npy

echo "== refused"
try golf-pack two.pt -o a.golf
try golf-pack two.pt -o a.golf --key optimizer
try golf-pack plain.safetensors -o a.golf --key ema
try golf-pack model-00001-of-00002.safetensors -o a.golf
golf-inspect model-00001-of-00002.safetensors 2>&1 >/dev/null
rm parts/model-00002-of-00002.safetensors
try golf-pack parts -o a.golf
cp ddp.safetensors folder/model-00002-of-00002.safetensors
try golf-pack folder -o a.golf
sed 's/model-00002/..\/model-00002/' model.safetensors.index.json >bad.index.json
try golf-pack bad.index.json -o a.golf
