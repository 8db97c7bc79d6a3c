# golf-eval significance: runs against runs, and two loss dumps over one text; needs no LibTorch.
. "$CLI_TESTS/lib.sh"
# PR 1529 against PR 1514, the first step of the chain of PR 1902.
echo '{"seed_results": {"1337": {"val_bpb": 1.07506048}, "2024": {"val_bpb": 1.07645101}, "42": {"val_bpb": 1.07585093}}}' >1529.json
try golf-eval significance 1529.json --against 1.07928348 1.07996676 1.08024795 --profile chain
# PR 88 against the baseline, in nats and by the challenge's margin.
try golf-eval significance 1.9594 1.9661 1.9628 --against 2.0727 --unit nats --margin 0nats
try golf-eval significance 1.0599 1.0612 1.0621 --against 1.06145:0.00068:3 --bytes-per-token sp8192 --check
try golf-eval significance 1.06 1.07 --against 1.2 --json --margin 0bpb -o result.json | grep '"p"\|"schema"\|"runs_for_power"\|exit'
echo "-----"
try golf-eval significance 1.06 --against 1.07 --profile chain
try golf-eval significance 1.06 1.07 --against 1.2
try golf-eval significance 1.06 1.07 --against 1.2 --margin 5
try golf-eval significance 1.06 1.07 --against 1.2 --profile none
try golf-eval significance 1529.json 1.06:0.1:3 --against 1.2 --profile chain
try golf-eval significance 1529.json --against 1.2 --unit nats
try golf-eval significance 1529.json --against 1.2 --seed 3
try golf-eval significance nothing.json --against 1.2
refused "a file that is no JSON" golf-eval significance result.json --against tiny.pt --profile chain
echo "-----"
# Documents of 101 tokens. The losses of the second dump are higher by 0.1 everywhere.
{ head -c 1024 shard.bin; for _ in 1 2 3 4 5 6 7 8 9; do printf '\1\0'; tail -c +1027 shard.bin | head -c 200; done; } >body
{ head -c 8 body; printf '\x8d\x03'; tail -c +11 body; } >documents.bin
for value in '\0\0\200\077' '\315\314\214\077'; do
  for _ in $(seq 896); do printf "$value"; done >"losses${value:1:1}.f32"
done
good="--paired --data documents.bin --tokenizer tokenizer1024.model --seq-len 128 --draws 200"
try golf-eval significance losses0.f32 --against losses3.f32 $good
try golf-eval significance losses3.f32 --against losses0.f32 $good --unit nats --check
golf-eval significance losses0.f32 --against losses3.f32 $good --threads 1 --json >one.json
golf-eval significance losses0.f32 --against losses3.f32 $good --threads 2 --json | cmp - one.json && echo "the same on two threads"
try golf-eval significance losses0.f32 --against losses3.f32 --paired
try golf-eval significance losses0.f32 --against losses3.f32 $good --mode sliding --stride 64
