# golf-eval: n-gram caches, paid prefix, audits of both, and dumps that give the same score again.
. "$CLI_TESTS/lib.sh"
needs_libtorch
data="--data shard.bin --tokenizer tokenizer1024.model"
golf-pack prefix --data shard.bin --tokens 300 -o prefix.xz --quiet
golf-pack tiny.safetensors --recipe baseline-int8 -o tiny.golf --quiet
golf-eval tiny.golf $data --device cpu --mode sliding --stride 64 --ngram-cache hashed --ngram-buckets 1024 \
  --cache-shards 2 --paid-prefix prefix.xz --audit-normalization 50 --dump-nll nll.npy -o hashed.json >report.txt
sed -n '1,/^sliding: paid-prefix sums/p' report.txt
grep '"legality"\|"shards"\|"buckets"\|"table_bytes"\|"scored_tokens' hashed.json
# The prefix is charged to the artifact.
[ "$(field hashed.json artifact_bytes)" -eq $(($(wc -c <tiny.golf) + $(wc -c <prefix.xz))) ] && echo "prefix charged"
# The dump holds the adjusted losses.
golf-eval audit nll.npy $data --seq-len 256 --mode sliding --stride 64 --json >audit.json
[ "$(field audit.json val_bpb)" = "$(field hashed.json val_bpb)" ] && echo "audit: same bpb to the last digit"
golf-eval tiny.golf $data --device cpu --mode standard,sliding --ngram-cache exact --audit-normalization 100 --json >exact.json
grep '"scores"\|"legality"\|"positions"' exact.json
# A probability at every audited position, in all four stages.
sed -n 's/.*"max_deviation": //p' exact.json | awk '{ print ($1 < 1e-9 ? "sums to 1" : "sum is off by " $1) }'
for threads in 1 3; do
  golf-eval tiny.golf $data --device cpu --mode sliding --ngram-cache exact --threads $threads --dump-nll $threads.npy --quiet >/dev/null
done
cmp 1.npy 3.npy && echo "threads: same losses"
