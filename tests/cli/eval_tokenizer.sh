# A model that says which tokenizer it was made with is not scored with another one of the same size.
. "$CLI_TESTS/lib.sh"
needs_libtorch
needs_golf_train
evaluate() { golf-eval "$@" --data shard.bin --max-tokens 100 --device cpu --seq-len 32; }
# scored LABEL MODEL...: whether golf-eval takes the tokenizer of the run, refuses another, and takes it when told to.
scored() {
  local label=$1
  shift
  evaluate "$@" --tokenizer tokenizer1024.model --quiet >/dev/null && echo "$label: scored with its own tokenizer"
  evaluate "$@" --tokenizer other1024.model 2>&1 | sed 's/[0-9a-f]\{64\}/SHA/g'
  evaluate "$@" --tokenizer other1024.model >/dev/null 2>&1 || echo "[exit $?]"
  evaluate "$@" --tokenizer other1024.model --allow-other-tokenizer --quiet >/dev/null && echo "$label: allowed"
}
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --tokenizer tokenizer1024.model --quiet
scored "golf-pack's artifact" a.golf
golf-pack unpack a.golf -o a.safetensors --quiet
scored "its checkpoint, packed again" a.safetensors --roundtrip baseline-int8

golf-train --config baseline-tiny --device cpu --threads 1 --data data --tokenizer tokenizer1024.model --iterations 1 \
  --set schedule.warmup_steps=0 --set data.grad_accum_steps=1 --set data.batch_tokens=256 \
  --set export.format=ptz -o run --quiet >/dev/null
scored "golf-train's checkpoint" run/final.safetensors
scored "its .ptz, by the run record" run/final.ptz --model-config baseline-tiny
cp run/final.ptz elsewhere.ptz
evaluate elsewhere.ptz --model-config baseline-tiny --tokenizer other1024.model --quiet >/dev/null &&
  echo "elsewhere nothing is known of it"
golf-pack run/final.safetensors --recipe baseline-int8 -o packed.golf --quiet
evaluate packed.golf --tokenizer other1024.model --quiet 2>&1 | grep -c 'is not the tokenizer that packed.golf was made with'

for command in "sweep run/final.safetensors" "calibrate run/final.safetensors -o out.safetensors"; do
  golf-eval $command --data shard.bin --tokenizer other1024.model --device cpu 2>&1 |
    grep -c 'is not the tokenizer that run/final.safetensors was made with'
done
