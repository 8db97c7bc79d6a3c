# golf-eval audit: the score of losses that another program wrote; needs no LibTorch.
. "$CLI_TESTS/lib.sh"
good="--data shard.bin --tokenizer tokenizer1024.model --seq-len 256"
floats 768 >nll.f32
golf-eval audit nll.f32 $good | sed 's/SHA-256 [0-9a-f]\{64\}/SHA-256 …/'
echo "-----"
golf-eval audit nll.f32 $good --mode sliding --stride 100 --json >sliding.json
grep '"val_loss"\|"val_bpb"\|"tokens"\|"bytes": 1\|"windows"\|"window_policy"\|"legality"\|"agrees"\|"schema"' sliding.json
golf-eval audit - $good -o - <nll.f32 2>report.txt | grep '"val_loss"' | head -n 1 | tr -d ' '
grep -q " standard 256 " report.txt && echo "the table goes to standard error"
{ head -c 3068 nll.f32; printf '\0\0\200\277'; } >negative.f32
golf-eval audit negative.f32 $good | grep '^losses'
{ head -c 3068 nll.f32; printf '\0\0\0\0'; } >zero.f32
golf-eval audit zero.f32 $good | grep '^losses'
echo "-----"
try golf-eval audit
try golf-eval audit nll.f32 --data shard.bin
try golf-eval audit - --data - --tokenizer tokenizer1024.model
try golf-eval audit nll.f32 $good --mode standard,sliding
try golf-eval audit nll.f32 $good --mode sliding --stride 300
try golf-eval audit nll.f32 $good -o nll.f32
try golf-eval audit nll.f32 $good --mode sliding --stride 100 --window-policy pr993
try golf-eval audit nll.f32 --data shard.bin --tokenizer tokenizer1024.model
{ head -c 3068 nll.f32; printf '\0\0\300\177'; } >nan.f32
try golf-eval audit nan.f32 $good -o nan.json
refused "losses that are not finite" golf-eval audit nan.f32 $good --json -o nan.json
refused "missing losses" golf-eval audit missing.npy $good
refused "empty losses" golf-eval audit - $good </dev/null
{ printf '\223NUMPY\1\0'; cat nll.f32; } >damaged.npy
refused "damaged npy" golf-eval audit damaged.npy $good
