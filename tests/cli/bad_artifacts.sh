# Artifacts whose tensors do not match the configuration, or hold what no weight can be: each tool that reads
# weights refuses them by the tensor's name; golf-inspect without --check shows them with a warning.
. "$CLI_TESTS/lib.sh"
golf-make-cli-inputs . bad-artifacts || exit
for format in golf ptz; do
  # A ptz carries no configuration of its own.
  model=; [ $format = golf ] || model='--model-config baseline-tiny'
  golf-pack unpack good.$format -o ok.safetensors $model --quiet && golf-inspect --check good.$format $model >/dev/null &&
    echo "$format: the undamaged one is read"
  for what in missing extra shape rows nan scale range; do
    refused "$what.$format" golf-pack unpack $what.$format -o out.safetensors $model
    refused "$what.$format" golf-pack $what.$format -o out.golf $model
    refused "$what.$format" golf-inspect --check $what.$format $model
    golf-pack unpack $what.$format -o out.safetensors $model
  done
done 2>&1
for what in nan scale range; do refused "$what.ptz without a configuration" golf-pack $what.ptz -o out.golf; done
golf-inspect missing.golf --json 2>&1 >/dev/null
golf-inspect missing.ptz --model-config baseline-tiny
echo "exit $?"
