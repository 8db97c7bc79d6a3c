# samples/pipelines that run models: check_score.sh and leaderboard.sh.
. "$CLI_TESTS/lib.sh"
needs_libtorch
pipelines=$CLI_TESTS/../../samples/pipelines
mkdir models
golf-pack tiny.safetensors --recipe baseline-int8 -o models/a.golf --quiet >/dev/null
golf-pack tiny.safetensors --recipe baseline-int8 -o models/b.golf --set 'blocks=int4' --quiet >/dev/null
echo '# code' >train_gpt.py
score=$(golf-eval models/a.golf --data shard.bin --tokenizer tokenizer1024.model --seq-len 64 --json | sed -n 's/^ *"val_bpb": \([0-9.]*\),*$/\1/p' | head -n 1)
check() { GOLF_SEED=3 bash "$pipelines/check_score.sh" models/a.golf train_gpt.py "$1" shard.bin tokenizer1024.model --seq-len 64; }
check "$score" | grep -o '^confirmed\|^refuted\|^seed of the sample: .*'
echo "the claim: ${PIPESTATUS[0]}"
check 2 | grep -o '^confirmed\|^refuted'
echo "another claim: ${PIPESTATUS[0]}"
bash "$pipelines/leaderboard.sh" models shard.bin tokenizer1024.model '{"name": "64", "seq_len": 64}' 2>/dev/null >board.txt
echo "leaderboard: $?"
sed '1,/^best first/d' board.txt | cut -d ' ' -f 2 | sort
sed '1,/^best first/d' board.txt | cut -d ' ' -f 1 | sort -n -c && echo "in order"
bash "$pipelines/leaderboard.sh" models shard.bin tokenizer1024.model '{"name": "64", "seq_len": 64}' 2>notes.txt >again.txt
cmp board.txt again.txt && sed 's/^golf-eval: //' notes.txt
