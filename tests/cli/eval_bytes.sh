# Where the bytes of a token come from: a sidecar beside the shard is found and named, and never read as a shard;
# what cannot be counted is refused by count.
. "$CLI_TESTS/lib.sh"
mkdir ops && cp caseops_shard.bin ops/fineweb_val_000000.bin && cp caseops_bytes.bin ops/fineweb_val_bytes_000000.bin
floats 96 >nll.f32
audit="golf-eval audit nll.f32 --tokenizer caseops.model --seq-len 32"
for data in ops ops/fineweb_val_000000.bin 'ops/*.bin'; do
  $audit --data "$data" | grep "sidecar" | sed 's/SHA-256 [0-9a-f]\{64\}/SHA-256 …/'
  $audit --data "$data" --json | grep '"bytes_from"\|"bytes": 73' | sort | uniq -c | sed 's/^ *//'
done
echo "-----"
try $audit --data ops/fineweb_val_bytes_000000.bin
mv ops/fineweb_val_bytes_000000.bin . && try $audit --data ops
cp shard.bin ops/fineweb_val_bytes_000000.bin && try $audit --data ops
# One position too early.
{ head -c 1024 fineweb_val_bytes_000000.bin; tail -c +1027 fineweb_val_bytes_000000.bin; printf '\1\0'; } \
  >ops/fineweb_val_bytes_000000.bin
try $audit --data ops
cp fineweb_val_bytes_000000.bin ops/ && cp ops/fineweb_val_000000.bin ops/fineweb_val_000001.bin && try $audit --data ops
echo "-----"
sed 's/\x18\x03/\x18\x02/g' tokenizer1024.model >unknown.model
floats 768 >more.f32
try golf-eval audit more.f32 --tokenizer unknown.model --seq-len 256 --data shard.bin
# The sign of a log-probability.
{ for _ in $(seq 96); do printf '\0\0\0\300'; done; } >logp.f32
try golf-eval audit logp.f32 --tokenizer caseops.model --seq-len 32 --data ops/fineweb_val_000000.bin
cp caseops_shard.bin 'val[1].bin' && cp caseops_bytes.bin 'val[1]_bytes.bin'
$audit --data 'val[1].bin' | grep -q "byte sidecar counts" && echo "the sidecar beside val[1].bin is found"
