# golf-inspect codecs: which codecs, that the rows sum to the last one's bytes, what is refused.
. "$CLI_TESTS/lib.sh"
# The strongest codecs take their time: a part of the model will do.
few="--keep-float-max 1000 --codec zlib --quiet --set blocks\.[1-9]=drop"
golf-pack bare.safetensors --recipe baseline-int8 -o a.golf $few
golf-pack bare.safetensors --recipe baseline-int8 -o a.ptz $few --format ptz
golf-inspect codecs a.golf >text
sed 's/[0-9][0-9.,]*[0-9]/N/g; s/  */ /g; s/--*/-/g' text | sed '/^blocks.*N/d'
golf-inspect codecs a.golf --json --by group >json
grep -o '"codec": ".*"' json
bytes=$(sed -n '/"codec": "golf:9"/{n;s/[^0-9]//gp}' json)
sed -n '/"rows"/,$s/^ *"bytes": \([0-9]*\),*$/\1/p' json | awk -v all="$bytes" '{ sum += $1 } END { print (sum == all ? "rows sum to golf:9" : sum " of " all) }'
[ "$bytes" -lt "$(sed -n '/"codec": "brotli:11"/{n;s/[^0-9]//gp}' json)" ] && echo "golf:9 below brotli:11"
for threads in 1 2; do golf-inspect codecs a.golf --json --threads $threads >threads$threads; done
cmp threads1 threads2 && echo "the same on one thread and two"
echo "a dictionary: $(golf-inspect codecs a.ptz --json | grep -c '"codec"') codecs"
golf-inspect codecs a.golf --by scheme --top 1 --filter mlp | tail -n 5 | awk '{ print $1, $2 }'
try golf-inspect codecs tiny.safetensors
try golf-inspect codecs a.golf a.ptz
try golf-inspect codecs a.golf --by weight
head -c 5000 a.golf >cut
try golf-inspect codecs cut | sed "s/[0-9]* bytes expected and [0-9]*/N bytes expected and N/"
