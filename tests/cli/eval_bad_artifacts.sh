# golf-eval refuses artifacts whose tensors do not match the configuration, or hold what no weight can be.
. "$CLI_TESTS/lib.sh"
needs_libtorch
golf-make-cli-inputs . bad-artifacts || exit
good="--data shard.bin --tokenizer tokenizer1024.model"
for format in golf ptz; do
  model=; [ $format = golf ] || model='--model-config baseline-tiny'
  golf-eval good.$format $good $model --quiet >/dev/null && echo "$format: the undamaged one is scored"
  for what in missing extra shape rows nan scale range; do
    refused "$what.$format" golf-eval $what.$format $good $model -o out.json
    golf-eval $what.$format $good $model
  done
done 2>&1
