# golf-eval tune: the floats of an artifact, tuned on training text alone, integers as they were.
. "$CLI_TESTS/lib.sh"
needs_libtorch
mkdir data && cp shard.bin data/fineweb_train_000000.bin && cp shard.bin data/fineweb_val_000000.bin
golf-pack tiny.safetensors -o model.golf --codec golf:1 --quiet \
  --set '\.weight$=int4' --set 'scale|mix|gain|skip=fp16' 2>/dev/null
what="--tokenizer tokenizer1024.model --seq-len 64 --device cpu --checkpoint tiny.safetensors"
run="golf-eval tune model.golf $what"
for threads in 1 3; do
  $run --data data -o $threads.golf --steps 3 --threads $threads --json --quiet >$threads.json
done
grep '"written"\|"steps"\|"held_out_tokens"\|"train_tokens"\|"floats"\|"objective"' 1.json
cmp 1.golf 3.golf && echo "threads: same bytes"
golf-inspect 1.golf | grep -o 'tuned_on.*\|distill.*steps'
golf-inspect 1.golf --check --quiet >/dev/null && echo "a sound artifact"
for file in model 1; do golf-inspect extract $file.golf 'blocks.0.mlp.fc.weight' -o $file.npy --quiet; done
cmp -s model.npy 1.npy || echo "weights changed"
$run --data data -o - --steps 3 --quiet 2>/dev/null | cmp - 1.golf && echo "standard output: same bytes"
golf-eval tune 1.golf $what --data data -o again.golf --steps 1 --quiet --lr 0.0001 >/dev/null
golf-inspect again.golf --json | sed -n 's/^ *"tuned_by": ".*(.*), \(.*\); .*(.*), \(.*\)",*$/\1; \2/p'

echo "== refused"
try $run --data data/fineweb_val_000000.bin -o no.golf
try golf-eval tune tiny.safetensors $what --data data -o no.golf
golf-pack tiny.safetensors --format ptz -o model.ptz --quiet
try golf-eval tune model.ptz $what --data data -o no.golf --model-config baseline-tiny
try ${run/tiny/another} --data data -o no.golf
try ${run/tiny/banked} --data data -o no.golf
try $run --data data -o no.golf --objective fun
try $run --data data -o no.golf --max-tokens 100
try $run --data data -o - --json
$run --data data -o no.golf --steps 1 --budget 1000 --quiet 2>err.txt | cut -d : -f 1 | head -n 1
echo "[exit ${PIPESTATUS[0]}] $(sed 's/[0-9,]* bytes/N bytes/g' err.txt)"
cp model.golf kept.golf  # so small a step that float16 rounds it away
$run --data data -o kept.golf --steps 1 --lr 1e-7 --quiet 2>err.txt >/dev/null
echo "[exit $?] $(cat err.txt)"
cmp model.golf kept.golf && echo "left as it was"
absent no.golf
