# golf-inspect submission: text, JSON lines, Markdown, GitHub, SARIF; the gate; names and contents that are hostile.
. "$CLI_TESTS/lib.sh"
mkdir -p records/track_10min_16mb/good records/track_10min_16mb/bad
make_log() {  # SEED BYTES
  echo "seed:$1"
  echo "world_size:8 grad_accum_steps:1"
  echo "step:1000/20000 train_loss:2.1000 train_time:100000ms step_avg:100.00ms"
  echo "Serialized model int8+zlib: $2 bytes"
  echo "Code size: 13 bytes"
  echo "Total submission size int8+zlib: $(($2 + 13)) bytes"
  echo "final_int8_zlib_roundtrip_exact val_loss:2.0${1}000000 val_bpb:$(awk -v l="2.0$1" 'BEGIN { printf "%.8f", l / (log(2) * 2.436) }')"
}
cd records/track_10min_16mb
for seed in 71 72 73; do make_log $seed 15900000 >good/train_seed$seed.log; done
printf 'import torch\n' >good/train_gpt.py
echo '# Good' >good/README.md
echo '{"author":"a","github_id":"b","name":"c","date":"d","val_bpb":1.22712,"bytes_total":15900013}' >good/submission.json
cp good/* bad/
make_log 71 16100000 >bad/train_seed71.log
printf '{"author":"a","github_id":"b","name":"c\\u001b[31m","date":"d","val_bpb":"1.22656|<b>@you","bytes_total":null}\n' >bad/submission.json
printf 'x' >'bad/$(touch pwned)`.py'
ln -s /etc/passwd bad/train_seed99.log
try golf-inspect submission good
try golf-inspect submission good bad
try golf-inspect submission bad --markdown
try golf-inspect submission bad --github
golf-inspect submission good bad --json | sed 's/"version":"[^"]*"/"version":""/'
golf-inspect submission bad --sarif >all.sarif && echo "$(grep -c '"ruleId"' all.sarif) results of $(grep -c '"shortDescription"' all.sarif) rules"
if command -v python3 >/dev/null; then python3 -m json.tool all.sarif >/dev/null; fi && echo well-formed
golf-inspect submission bad --check >/dev/null; echo "with --check: $?"
golf-inspect submission good --check >/dev/null; echo "and without an error: $?"
golf-inspect submission good --write-submission-json good/submission.json && cat good/submission.json
golf-inspect submission good
try golf-inspect submission good bad --write-submission-json -
mkdir empty && try golf-inspect submission empty --write-submission-json new.json
absent new.json
try golf-inspect submission absent
try golf-inspect submission good/README.md
try golf-inspect submission good --markdown --sarif
try golf-inspect submission good --track fast
absent pwned good/pwned bad/pwned
