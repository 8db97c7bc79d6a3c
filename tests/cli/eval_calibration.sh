# golf-eval --collect-calibration: what golf-pack --calibration reads; training text only, unless told.
. "$CLI_TESTS/lib.sh"
needs_libtorch
mkdir data && cp shard.bin data/fineweb_train_000000.bin && cp shard.bin data/fineweb_val_000000.bin
run="golf-eval tiny.safetensors --tokenizer tokenizer1024.model --seq-len 64 --device cpu"
for threads in 1 3; do
  $run --data data --collect-calibration $threads.safetensors --threads $threads --json --quiet >$threads.json
done
cmp 1.safetensors 3.safetensors && echo "threads: same bytes"
grep '"schema"\|"matrices"\|"tokens"\|fineweb' 1.json
$run --data data --collect-calibration - --quiet 2>/dev/null | cmp - 1.safetensors && echo "standard output: same bytes"
golf-inspect 1.safetensors >/dev/null && echo "a sound safetensors file"
try $run --data data/fineweb_val_000000.bin --collect-calibration no.safetensors
$run --data data/fineweb_val_000000.bin --collect-calibration val.safetensors --calibrate-on-validation --quiet |
  tail -n 1 | sed 's/[0-9.]* s$/N s/'
try $run --data data --collect-calibration no.safetensors --roundtrip baseline-int8
try $run --data data --calibrate-on-validation
absent no.safetensors
