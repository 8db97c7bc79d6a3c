# golf-pack schemes: which scheme each tensor gets and why; packs nothing.
. "$CLI_TESTS/lib.sh"
golf-pack schemes tiny.safetensors --recipe mixed-int6 >schemes.txt
head -n 1 schemes.txt
grep -E '^(tensor|tok_emb.weight|skip_weights|blocks.0.attn.(c_q.weight|q_gain)|blocks.0.mlp.fc.weight) ' schemes.txt
golf-pack schemes tiny.safetensors --set 'mlp=int6' --keep-float-max 100 | grep -E '^blocks.1.(mlp.fc.weight|attn.q_gain|attn_scale) '
golf-pack schemes tiny.safetensors --json >schemes.json && field schemes.json schema
# What it says is what is packed.
golf-pack tiny.safetensors -o a.golf --recipe mixed-int6 --quiet
golf-inspect a.golf --by tensor --json | sed -n 's/^ *"name": "\(.*\)",/\1/p; /"schemes"/{n;s/ *"\(.*\)"/\1/p}' | paste - - | sort >packed.txt
golf-pack schemes tiny.safetensors --recipe mixed-int6 --json |
  sed -n 's/^ *"name": "\(.*\)",/\1/p; s/^ *"scheme": "\(.*\)",/\1/p' | paste - - | sort >said.txt
grep -c . said.txt
try golf-pack schemes tiny.safetensors --set 'nosuchtensor=int6'
try golf-pack schemes tiny.safetensors --set 'attn=tcq'
try golf-pack schemes tiny.safetensors --codec zlib
try golf-pack schemes
