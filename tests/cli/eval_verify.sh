# golf-eval verify: verdicts from a sample of windows, the same as of all of them.
. "$CLI_TESTS/lib.sh"
needs_libtorch
# Ten times the text of the shard but its first token: 1,248 windows of 8.
{ head -c 8 shard.bin; printf '\x06\x27'; head -c 1024 shard.bin | tail -c +11; for _ in $(seq 10); do tail -c +1027 shard.bin; done; } >long.bin
text="--data long.bin --tokenizer tokenizer1024.model --seq-len 8"
good="$text --bound 12"
score=$(golf-eval tiny.safetensors $text --json | sed -n 's/^ *"val_bpb": \([0-9.]*\),*$/\1/p' | head -n 1)
# verdict CLAIM TOLERANCE [OPTION...]: what verify says, and whether that is a sample or all of it.
verdict() {
  local claim=$1 tolerance=$2
  shift 2
  golf-eval verify tiny.safetensors $text --claim "$claim" --tolerance "$tolerance" --bound "${bound:-12}" "$@" --json >verdict.json
  echo "exit $?: $(field verdict.json verdict), exact: $(field verdict.json exact)"
}
near() { awk -v a="$1" -v b="$2" 'BEGIN { print a + b }'; }
verdict "$score" 0.1 --batch-seqs 1
verdict "$(near "$score" 0.3)" 0.1 --batch-seqs 1
verdict "$(near "$score" -0.3)" 0.1 --batch-seqs 1 --seed 7
verdict "$score" 0.000001
verdict "$(near "$score" 0.0001)" 0.000001
bound=0.01 verdict "$score" 0.1
[ "$(field verdict.json val_bpb)" = "$score" ] && echo "all windows give golf-eval's score"
verdict "$score" 0.1 --mode sliding --stride 8 --confidence 0.9
verdict "$score" 0.1 --mode documents --pack-seqs 1
verdict "$score" 0.1 --batch-seqs 1 --threads 1
cp verdict.json one.json
verdict "$score" 0.1 --batch-seqs 1 --threads 2
diff <(grep -v seconds one.json) <(grep -v seconds verdict.json) && echo "the same on two threads"
echo "-----"
try golf-eval verify tiny.safetensors $good
try golf-eval verify tiny.safetensors $good --claim 1 --adapt pr1493
try golf-eval verify tiny.safetensors $good --claim 1 --ngram-cache exact
try golf-eval verify tiny.safetensors $good --claim 1 --ngram-tilt
try golf-eval verify tiny.safetensors $good --claim 1 --mode standard,sliding
try golf-eval verify tiny.safetensors $good --claim nan
refused "weights that are not finite" golf-eval verify nan.safetensors $good --claim 1
refused "a text without a window" golf-eval verify tiny.safetensors --data shard.bin --tokenizer tokenizer1024.model --seq-len 2000 --claim 1
