# golf-eval and golf-train read checkpoints as trainers, wrappers and other tools leave them: same score, with a note.
. "$CLI_TESTS/lib.sh"
needs_libtorch
mkdir in
golf-make-cli-inputs in foreign || exit
data="--data shard.bin --tokenizer tokenizer1024.model --model-config in/config.json --max-tokens 65 --seq-len 32"
bpb() { golf-eval "$@" $data --json 2>notes | sed -n 's/^ *"val_bpb": \([0-9.]*\),\{0,1\}$/\1/p' | head -n 1; }
plain=$(bpb in/plain.safetensors)
[ -n "$plain" ] || echo "no score"
# same INPUT [OPTION...]: the score of plain.safetensors, and the notes.
same() {
  [ "$(bpb "$@")" = "$plain" ] && echo "$*: the same score"
  cat notes
}
same in/ddp.safetensors
same in/compiled.safetensors
same in/blocks_compiled.safetensors
same in/nested.pt
same in/two.pt --key ema
same in/model.safetensors.index.json
same in/tied.safetensors
same in/tied.pt
same in/float64.safetensors
golf-eval in/f8.safetensors $data >/dev/null && echo "float8 is read"
try golf-eval in/two.pt $data
try golf-eval in/model-00001-of-00002.safetensors $data
