# golf-pack schemes: which scheme each tensor gets and why; packs nothing.
. "$CLI_TESTS/lib.sh"
golf-pack schemes tiny.safetensors --recipe mixed-int6 >schemes.txt
head -n 1 schemes.txt
tr -s ' ' <schemes.txt | sort |
  grep -E '^(tensor|tok_emb.weight|blocks.0.attn.c_q.weight|blocks.0.attn.q_gain|blocks.0.mlp.fc.weight) '
golf-pack schemes tiny.safetensors --set 'mlp=int6' | tr -s ' ' | grep '^blocks.1.mlp.fc.weight '
golf-pack schemes tiny.safetensors --recipe mixed-int6 --json >schemes.json
field schemes.json schema
echo "said int6: $(grep -c '"scheme": "int6"' schemes.json)"
golf-pack tiny.safetensors -o a.golf --recipe mixed-int6 --quiet
echo "packed int6: $(golf-inspect a.golf --by scheme --json | grep -A 6 '"name": "int6"' | sed -n 's/.*"tensors": \([0-9]*\),/\1/p')"
try golf-pack schemes tiny.safetensors --set 'nosuchtensor=int6'
try golf-pack schemes
