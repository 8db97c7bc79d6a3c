# What golf-eval knows of the text: the given text, known data, training text, CaseOps both ways.
. "$CLI_TESTS/lib.sh"
floats 768 >nll.f32
audit="golf-eval audit nll.f32 --tokenizer tokenizer1024.model --seq-len 256"
$audit --data shard.bin | grep "^text: "
mkdir data && cp shard.bin data/fineweb_train_000000.bin
$audit --data data/fineweb_train_000000.bin | grep -A 1 '^text:'
$audit --data data/fineweb_train_000000.bin --json | sed -n '/"identity"/,/}/p'
printf '{"texts": [{"name": "the tiny split", "role": "validation", "sha256": ["%s"]}]}' \
  "$(sha256sum shard.bin | cut -d ' ' -f 1)" >known.json
$audit --data shard.bin --known-data known.json | grep "^text: "
$audit --data shard.bin --known-data known.json --max-tokens 900 | grep "^text: "
printf '{"texts": [{"name": "x", "rolle": "validation"}]}' >wrong.json
try $audit --data shard.bin --known-data wrong.json
golf-eval --list-known-data | grep -c '"role": "validation"' | sed 's/$/ validation splits are known/'
golf-eval --list-known-data >list.json && $audit --data shard.bin --known-data list.json | grep "^text: unknown"
echo "----- the text itself"
ops="golf-eval audit few.f32 --tokenizer caseops.model --seq-len 32 --data caseops_shard.bin"
cp caseops_bytes.bin caseops_shard_bytes.bin && floats 96 >few.f32
printf 'abcdefghijklmnopqrs\nabcdefghijklmnopqrs\nabcdefghijklmnopqrs\n' >right.txt
try $ops --text right.txt | grep "byte-count\|exit"
printf 'abc\nabc\nabc\n' >short.txt
try $ops --text short.txt | grep -a "byte-count\|exit" | tail -n 2
printf 'abc\n' >few.txt
try $ops --text few.txt
echo "----- CaseOps"
printf 'The NASA iPhone' | golf-eval caseops encode --quiet | od -An -c | tr -s ' '
printf 'The NASA iPhone' | golf-eval caseops encode | golf-eval caseops decode && echo
printf '\356\200\201' >mark.txt
try golf-eval caseops decode mark.txt
try golf-eval caseops encode mark.txt -o coded.txt
try golf-eval caseops both
