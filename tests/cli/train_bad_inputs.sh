# What golf-train refuses before the first step: exit status 3, one line, no run folder.
. "$CLI_TESTS/lib.sh"
command -v golf-train >/dev/null || { echo "golf-train is not built here"; exit 77; }
mkdir data empty only_train wide
cp shard.bin data/fineweb_train_000000.bin
cp shard.bin data/fineweb_val_000000.bin
cp shard.bin only_train/fineweb_train_000000.bin
tiny="golf-train --config baseline-tiny --device cpu"
rest="--tokenizer tokenizer1024.model -o run"
refused "missing folder" $tiny --data nowhere $rest
refused "folder without shards" $tiny --data empty $rest
refused "no validation shard" $tiny --data only_train $rest
refused "missing tokenizer" $tiny --data data --tokenizer missing.model -o run
refused "no tokenizer" $tiny --data data --tokenizer shard.bin -o run
refused "small tokenizer" $tiny --data data --tokenizer tokenizer.model -o run
refused "missing start" $tiny --data data $rest --init missing.safetensors
refused "other start" $tiny --data data $rest --init other.safetensors
refused "non-finite start" $tiny --data data $rest --init nan.safetensors
refused "too few tokens" $tiny --data data $rest --set eval.seq_len=1000
refused "missing code" $tiny --data data $rest --code missing.py
refused "unknown recipe" $tiny --data data $rest --set export.recipe=none
refused "unknown codec" $tiny --data data $rest --set export.codec=none
refused "CUDA graphs on the CPU" $tiny --cuda-graphs --data data $rest
refused "run folder is a file" $tiny --data data --tokenizer tokenizer1024.model -o shard.bin
cp shard.bin wide/fineweb_val_000000.bin
{ head -c 3022 shard.bin; printf '\0\4'; } >wide/fineweb_train_000000.bin
refused "token beyond vocabulary" $tiny --data wide $rest
printf '{"model": {"num_layer": 3}}' >typo.json
refused "misspelt key" golf-train --config typo.json --data data $rest
printf '{' >broken.json
refused "broken configuration" golf-train --config broken.json --data data $rest
head -c 1500 shard.bin >data/fineweb_train_000000.bin
refused "truncated shard" $tiny --data data $rest
try golf-train --config typo.json --print-config
try $tiny --data data --tokenizer tokenizer.model -o run
try $tiny --cuda-graphs --data data $rest
