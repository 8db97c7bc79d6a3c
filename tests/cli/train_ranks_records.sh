# golf-train: two processes give one process's losses over 20 steps of PR 1855's tiny preset, its loops on from the eighth
# on, where gradients are clipped after they were averaged.
. "$CLI_TESTS/lib.sh"
needs_golf_train
golf-train --version | grep -q 'ranks: gloo' || { echo "golf-train is built without Gloo"; exit 77; }
# Twelve times the shard, a document each: no run comes to its end, where two ranks pass over other tokens than one.
{ head -c 8 shard.bin; printf '\340\056\000\000'; tail -c +13 shard.bin | head -c 1012
  for _ in $(seq 12); do tail -c +1025 shard.bin; done; } >data/fineweb_train_000000.bin
run="golf-train --config pr1855-tiny --device cpu --data data --tokenizer tokenizer1024.model --quiet"
run="$run --set model.vocab_size=1024 --set data.bos_id=7 --set data.grad_accum_steps=2 --set data.batch_tokens=256"
run="$run --set data.seq_len=64 --set eval.seq_len=64 --set eval.stride=64 --set export.format=golf"
run="$run --set export.calibration_batches=0 --set export.recipe=mixed-int6 --set export.codec=zstd:3"

losses() { sed -n 's/.*"kind":"step".*"train_loss":\([0-9.]*\).*/\1/p' "$1/metrics.jsonl"; }
# distance ONE OTHER: the number of steps, and the largest relative difference of their losses.
distance() {
  losses "$1" >one.txt
  losses "$2" | paste one.txt - |
    awk '{ off = $1 / $2 - 1; if (off < 0) off = -off; if (off > most) most = off } END { print NR, most + 0 }'
}
run="$run --iterations 20 --set optimizer.muon.ns_dtype=fp32 --set optimizer.muon.momentum_dtype=fp32 --threads 1"
run="$run --set optimizer.clip_each_rank=false" # each rank its own, as the preset does, is another run
$run -o one >/dev/null || exit 1
$run -o two --nproc 2 >/dev/null || exit 1
grep -o '"recurrence":[a-z]*' two/metrics.jsonl | uniq -c | sed 's/^ *//'
distance one two | awk '{ print $1 " steps, " ($2 < 1e-5 ? "one process and two: the same losses" : "losses differ by " $2) }'
