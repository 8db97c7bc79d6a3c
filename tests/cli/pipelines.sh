# samples/pipelines that run no model: check_submission.sh and check_data.sh, of golf-inspect and golf-eval.
. "$CLI_TESTS/lib.sh"
pipelines=$CLI_TESTS/../../samples/pipelines
make_log() {  # SEED LOSS
  echo "seed:$1"
  echo "world_size:8 grad_accum_steps:1"
  echo "step:1000/20000 train_loss:2.1000 train_time:100000ms step_avg:100.00ms"
  echo "Serialized model int8+zlib: 15900000 bytes"
  echo "Code size: 13 bytes"
  echo "Total submission size int8+zlib: 15900013 bytes"
  echo "final_int8_zlib_roundtrip_exact val_loss:$2 val_bpb:$(awk -v l="$2" 'BEGIN { printf "%.8f", l / (log(2) * 2.436) }')"
}
mkdir -p new old
for folder in new old; do
  printf 'import torch\n' >$folder/train_gpt.py
  echo '# Good' >$folder/README.md
done
make_log 1 2.01000000 >new/train_seed1.log
make_log 2 2.01100000 >new/train_seed2.log
make_log 3 2.01200000 >new/train_seed3.log
make_log 1 2.05000000 >old/train_seed1.log
make_log 2 2.05100000 >old/train_seed2.log
echo '{"author":"a","github_id":"b","name":"c","date":"d","val_bpb":1.19099,"bytes_total":15900013}' >new/submission.json
bash "$pipelines/check_submission.sh" new old | grep 'no finding\|one-sided\|significant'
echo "better by the margin: ${PIPESTATUS[0]}"
bash "$pipelines/check_submission.sh" old new >/dev/null
echo "worse: $?"
mkdir data
{ head -c 8 shard.bin; printf '\xfa\0'; head -c 1024 shard.bin | tail -c +11; for _ in 1 2; do printf '\1\0'; tail -c +1027 shard.bin | head -c 248; done; } >data/fineweb_val_000000.bin
cp shard.bin data/fineweb_train_000000.bin
bash "$pipelines/check_data.sh" data tokenizer1024.model >/dev/null
echo "disjoint: $?"
cp data/fineweb_val_000000.bin data/fineweb_train_000001.bin
bash "$pipelines/check_data.sh" data tokenizer1024.model report.json | grep shared-documents
echo "shared: ${PIPESTATUS[0]}, $(field report.json exact_documents) documents"
