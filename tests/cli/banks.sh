# A checkpoint with parameter banks comes back with its own names and shapes from every artifact; --per-layer gives
# its matrices.
. "$CLI_TESTS/lib.sh"
# names FILE: each tensor's name, dtype and shape as a safetensors header has them.
names() { tail -c +9 "$1" | grep -ao '"[^"]*":{"dtype":"[^"]*","shape":\[[0-9,]*\]' | sort; }
names banked.safetensors

# same LABEL ARTIFACT: unpacks it, and says whether names, dtypes and shapes are the checkpoint's.
same() {
  golf-pack unpack "$2" -o out.safetensors --quiet || echo "$1: does not unpack"
  if [ "$(names out.safetensors)" = "$(names banked.safetensors)" ]; then echo "$1: the checkpoint's own names"; else
    echo "$1:"; names out.safetensors; fi
}
pack() { golf-pack banked.safetensors --keep-float-max 100 --quiet "$@"; }
pack -o a.golf --recipe baseline-int8 --codec golf:3 && same ".golf" a.golf
golf-pack unpack a.golf -o layers.safetensors --per-layer --quiet && names layers.safetensors | grep -o 'blocks.1[^}]*'
pack -o a.ptz --format ptz --recipe pr993 && same "PR 993's dictionary" a.ptz
pack -o b.ptz --format ptz --recipe pr1394 --set 'weight=int6-sd:12' 2>/dev/null && same "PR 1394's dictionary" b.ptz
pack -o a.pgrp --format pgrp --recipe pr192 && same "PGRP" a.pgrp
golf-pack a.pgrp -o again.golf --codec zstd:3 --quiet && same ".golf of a PGRP file" again.golf

# Kept as floats, the values are the checkpoint's too.
golf-pack banked.safetensors --recipe baseline-int8 -o kept.golf --set '.=fp32' --quiet && same "float32" kept.golf
for bank in qo_bank kv_bank mlp_down_bank; do
  golf-inspect extract kept.golf $bank -o golf.npy --quiet && golf-inspect extract banked.safetensors $bank -o own.npy --quiet
  cmp golf.npy own.npy && head -c 128 golf.npy | tail -c +11 | sed "s/ *\$//;s/^/$bank /"
done
golf-inspect extract kept.golf blocks.1.attn.proj.weight -o proj.npy --quiet &&
  head -c 128 proj.npy | tail -c +11 | sed 's/ *$//'
# The output projection of layer 1 is the last matrix of qo_bank.
golf-inspect extract banked.safetensors qo_bank -o qo.npy --quiet
tail -c 1024 qo.npy | cmp - <(tail -c 1024 proj.npy) && echo "the last matrix of qo_bank"
try golf-inspect extract kept.golf qo_bunk -o no.npy

# A model without banks keeps its matrices.
golf-pack tiny.safetensors -o tiny.ptz --format ptz --recipe pr993 --keep-float-max 1000 --quiet
golf-pack unpack tiny.ptz -o tiny.out --quiet && names tiny.out | grep -c '_bank'

# A bank that lacks a matrix.
pack -o part.golf --recipe baseline-int8 --set 'blocks.1.attn.c_v=drop'
refused "a bank with a dropped matrix" golf-pack unpack part.golf -o part.safetensors
golf-pack unpack part.golf -o part.safetensors --quiet 2>&1
golf-pack unpack part.golf -o part.safetensors --per-layer --quiet && names part.safetensors | grep -c 'attn.c_v'
