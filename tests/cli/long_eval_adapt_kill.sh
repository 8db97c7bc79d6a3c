# golf-eval --adapt --resume: killed (SIGKILL) at each of ten moments and continued, it ends with the score of an
# evaluation that was never killed. The moments are numbers of writings of the resume file.
. "$CLI_TESTS/lib.sh"
needs_libtorch
text="--data shard.bin --tokenizer tokenizer1024.model --max-tokens 2000"
run="golf-eval tiny.safetensors $text --adapt pr1493 --seq-len 64 --stride 32 --threads 1 --json"
run="$run --set adapt.sgd.chunk_tokens=128 --set adapt.sgd.lr=0.01 --set adapt.sgd.epochs=60"
$run --receipt whole.jsonl >whole.json || exit 1
same=0 resumed=0
for trial in $(seq 10); do
  rm -f run.resume
  $run --resume run.resume --resume-every 0 >killed.json 2>/dev/null &
  process=$! seen=0 last=
  while kill -0 $process 2>/dev/null && [ $seen -lt $trial ]; do
    sleep 0.01
    now=$(stat -c %i run.resume 2>/dev/null)
    [ "$now" = "$last" ] || seen=$((seen + 1))
    last=$now
  done
  kill -s KILL $process 2>/dev/null
  wait $process 2>/dev/null
  [ -e run.resume ] && [ ! -s killed.json ] && resumed=$((resumed + 1))
  $run --resume run.resume --receipt again.jsonl >again.json || echo "trial $trial: exit $?"
  [ "$(field again.json val_bpb)" = "$(field whole.json val_bpb)" ] && cmp again.jsonl whole.jsonl && same=$((same + 1))
done
echo "$same of 10 end with the same score and receipt"
[ $resumed -ge 8 ] && echo "nearly all were killed on the way"
