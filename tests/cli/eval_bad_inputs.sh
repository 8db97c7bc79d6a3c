# What golf-eval refuses: exit status 3, one line, nothing written.
. "$CLI_TESTS/lib.sh"
needs_libtorch
good="--data shard.bin --tokenizer tokenizer1024.model"
refused "missing model" golf-eval missing.golf $good -o out.json
refused "folder as model" golf-eval . $good
refused "empty input" golf-eval - $good </dev/null
refused "no configuration" golf-eval bare.safetensors $good
refused "other configuration" golf-eval bare.safetensors $good --model-config baseline
refused "non-finite weight" golf-eval nan.safetensors $good --model-config baseline-tiny
refused "foreign tensors" golf-eval other.safetensors $good --model-config baseline-tiny
refused "missing shard" golf-eval tiny.safetensors --data missing.bin --tokenizer tokenizer1024.model
refused "no match" golf-eval tiny.safetensors --data 'none_*.bin' --tokenizer tokenizer1024.model
mkdir empty
refused "folder without shards" golf-eval tiny.safetensors --data empty --tokenizer tokenizer1024.model
refused "no shard" golf-eval tiny.safetensors --data tiny.pt --tokenizer tokenizer1024.model
head -c 1500 shard.bin >cut.bin
refused "truncated shard" golf-eval tiny.safetensors --data cut.bin --tokenizer tokenizer1024.model
refused "missing tokenizer" golf-eval tiny.safetensors --data shard.bin --tokenizer missing.model
refused "no tokenizer" golf-eval tiny.safetensors --data shard.bin --tokenizer shard.bin
refused "small tokenizer" golf-eval tiny.safetensors --data shard.bin --tokenizer tokenizer.model
refused "too few tokens" golf-eval tiny.safetensors $good --seq-len 1000
refused "too few after cutting" golf-eval tiny.safetensors $good --max-tokens 256
# A shard of the text of BOS alone has no bytes to divide by; a token beyond the vocabulary has no meaning.
{ head -c 1024 shard.bin; for _ in $(seq 1000); do printf '\1\0'; done; } >bos.bin
refused "no bytes" golf-eval tiny.safetensors --data bos.bin --tokenizer tokenizer1024.model --dump-nll nll.npy -o out.json
{ head -c 3022 shard.bin; printf '\0\4'; } >large.bin
refused "token beyond vocabulary" golf-eval tiny.safetensors --data large.bin --tokenizer tokenizer1024.model
refused "missing prefix" golf-eval tiny.safetensors $good --paid-prefix missing.xz
refused "no prefix" golf-eval tiny.safetensors $good --paid-prefix shard.bin
printf '\377\377' >foreign.raw
refused "prefix of other tokens" golf-eval tiny.safetensors $good --paid-prefix foreign.raw
try golf-eval tiny.safetensors --data shard.bin --tokenizer tokenizer.model
try golf-eval bare.safetensors $good
try golf-eval tiny.safetensors --data bos.bin --tokenizer tokenizer1024.model
try golf-eval tiny.safetensors --data large.bin --tokenizer tokenizer1024.model
try golf-eval tiny.safetensors $good --seq-len 1000
