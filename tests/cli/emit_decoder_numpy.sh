# The emitted decoder in plain Python gives what golf-pack unpack gives, bit for bit.
. "$CLI_TESTS/lib.sh"
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2>/dev/null && break
  python=
done
[ -n "$python" ] || { echo "no python3 with NumPy"; exit 77; }
tool=$CLI_TESTS/emit_decoder_numpy.py

# same LABEL CHECKPOINT OPTION...: packs, decodes both ways, compares.
same() {
  local label=$1 input=$2
  shift 2
  golf-pack "$input" -o m.golf --emit-decoder decoder.py --quiet "$@" 2>/dev/null || echo "$label: exit $?"
  golf-pack unpack m.golf -o m.safetensors --quiet || echo "$label: does not unpack"
  echo "$label: $("$python" "$tool" compare decoder.py m.golf m.safetensors)"
}

"$python" "$tool" make made.safetensors
mix="--set ^int4=int4 --set ^int5=int5 --set ^int6=int6 --set ^int7=int7 --set ^int8=int8 --set ^fp16=fp16 --set ^bf16=bf16 --set ^fp32=fp32"
for effort in 1 2 3 4 5 9; do
  # shellcheck disable=SC2086
  same "every scheme, golf:$effort" made.safetensors --codec golf:$effort --recipe baseline-int8 --keep-float-max 0 $mix
  wc -c <m.golf >size.$effort
done
# The same by the C that the Python compiles.
export CC=${CC:-cc}
for effort in 3 9; do
  # shellcheck disable=SC2086
  same "in C, golf:$effort" made.safetensors --codec golf:$effort --decoder-language c --recipe baseline-int8 --keep-float-max 0 $mix
done
[ "$(cat size.3)" -lt $(($(cat size.2) * 95 / 100)) ] && echo "golf:3 predicts"
[ "$(cat size.5)" -lt $(($(cat size.4) * 99 / 100)) ] && echo "golf:5 refers and avoids"
for recipe in baseline-int8 mixed-int6 pr88 pr192 pr262 pr993 pr1046 pr1046-int8; do
  same "$recipe" bare.safetensors --codec golf:3 --recipe $recipe --keep-float-max 1000 --set 'blocks\.[1-9]=drop'
done
grids="--set ^int4=ecsq:0.5 --set ^int5=ecsq:2 --set ^int6.(plain|wide)=tcq:0.2 --set ^int7=tcq64 --set ^int8=ecsq"
# shellcheck disable=SC2086
same "grids" made.safetensors --codec golf:3 --recipe baseline-int8 --keep-float-max 0 $mix $grids
same "columns" bare.safetensors --codec golf:3 --recipe baseline-int8 --set 'blocks\.[1-9]=drop' --set 'attn\..*weight=ecsq:0.3+columns' \
  --set 'mlp\.fc.*weight=tcq:0.1+gptq+columns' --set 'mlp\.proj.*weight=tcq256:0.1+gptq+columns' --calibration calibration.safetensors
golf-pack tiny.safetensors -o e.ptz --format ptz --recipe pr192 --keep-float-max 1000 --quiet
same "repacked from ptz" e.ptz --codec golf:2
same "banks" banked.safetensors --codec golf:3 --recipe baseline-int8 --keep-float-max 100
golf-pack unpack m.golf -o layers.safetensors --per-layer --quiet
echo "their matrices: $("$python" "$tool" compare decoder.py m.golf layers.safetensors per_layer)"
"$python" "$tool" tie tied.safetensors
same "a tied head" tied.safetensors --codec golf:1 --recipe baseline-int8 --keep-float-max 100
golf-pack unpack m.golf -o stored.safetensors --per-layer --quiet
echo "what is stored: $("$python" "$tool" compare decoder.py m.golf stored.safetensors per_layer)"
