# golf-eval calibrate: what golf-pack --calibration reads; training text only, unless told.
. "$CLI_TESTS/lib.sh"
needs_libtorch
mkdir data && cp shard.bin data/fineweb_train_000000.bin && cp shard.bin data/fineweb_val_000000.bin
run="golf-eval calibrate tiny.safetensors --tokenizer tokenizer1024.model --seq-len 64 --device cpu"
for threads in 1 3; do
  $run --data data -o $threads.safetensors --threads $threads --json --quiet >$threads.json
done
cmp 1.safetensors 3.safetensors && echo "threads: same bytes"
grep '"schema"\|"matrices"\|"tokens"\|fineweb' 1.json
$run --data data -o - --quiet 2>/dev/null | cmp - 1.safetensors && echo "standard output: same bytes"
golf-inspect 1.safetensors >/dev/null && echo "a sound safetensors file"
try $run --data data/fineweb_val_000000.bin -o no.safetensors
$run --data data/fineweb_val_000000.bin -o val.safetensors --allow-validation --quiet |
  tail -n 1 | sed 's/[0-9.]* s$/N s/'
try $run --data data -o no.safetensors --roundtrip baseline-int8
for old in --collect-calibration --calibrate-on-validation; do
  try golf-eval tiny.safetensors --data data --tokenizer tokenizer1024.model $old no.safetensors
done
try $run --data data -o - --json
absent no.safetensors
