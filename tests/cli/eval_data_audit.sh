# golf-eval data-audit: what shards hold and share; needs no LibTorch.
. "$CLI_TESTS/lib.sh"
# shard_of FILE TOKEN...: a token shard.
shard_of() {
  local file=$1 token
  shift
  printf '\x88\xd8\x34\x01\x01\0\0\0' >"$file"
  # shellcheck disable=SC2059
  printf "\\x$(printf %02x $(($# & 255)))\\x$(printf %02x $(($# >> 8)))" >>"$file"
  head -c 1014 /dev/zero >>"$file"
  # shellcheck disable=SC2059
  for token; do printf "\\x$(printf %02x $((token & 255)))\\x$(printf %02x $((token >> 8)))"; done >>"$file"
}
mkdir data
# Documents begin with 1. The second one of the validation text is the third one of the training text, and the last
# one is cut.
shard_of data/fineweb_val_000000.bin 1 $(seq 100 120) 1 $(seq 200 220) 1 $(seq 300 315)
shard_of data/fineweb_train_000000.bin 1 $(seq 400 430) 1 $(seq 500 530) 1 $(seq 200 209)
shard_of data/fineweb_train_000002.bin $(seq 210 220) 1 $(seq 300 330) 1 $(seq 100 108) 999 $(seq 110 120)
good="--data data --tokenizer tokenizer1024.model"
try golf-eval data-audit $good
try golf-eval data-audit $good --against data
try golf-eval data-audit $good --against data --near 0.2 --check
golf-eval data-audit $good --against data --threads 1 --json >one.json
golf-eval data-audit $good --against data --threads 2 -o two.json >/dev/null
cmp one.json two.json && grep -c '"kind": "exact"' one.json
try golf-eval data-audit --data -
try golf-eval data-audit --data - --tokenizer tokenizer1024.model
try golf-eval data-audit $good --near 2
try golf-eval data-audit $good --against nowhere
head -c 1030 data/fineweb_val_000000.bin >cut.bin
refused "a truncated shard" golf-eval data-audit --data cut.bin --tokenizer tokenizer1024.model
refused "tokens outside the vocabulary" golf-eval data-audit --data data --tokenizer caseops.model
