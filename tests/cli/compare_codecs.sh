# golf-inspect --compare-codecs: which codecs, that the rows sum to the last one's bytes, what is refused.
. "$CLI_TESTS/lib.sh"
# The strongest codecs take their time: a part of the model will do.
few="--keep-float-max 1000 --codec zlib --quiet --set blocks\.[1-9]=drop"
golf-pack bare.safetensors -o a.golf $few
golf-pack bare.safetensors -o a.ptz $few --format ptz
golf-inspect a.golf --compare-codecs >text
sed 's/[0-9][0-9.,]*[0-9]/N/g; s/  */ /g; s/--*/-/g' text | sed '/^blocks.*N/d'
golf-inspect a.golf --compare-codecs --json --by group >json
grep -o '"codec": ".*"' json
bytes=$(sed -n '/"codec": "golf:9"/{n;s/[^0-9]//gp}' json)
sed -n '/"rows"/,$s/^ *"bytes": \([0-9]*\),*$/\1/p' json | awk -v all="$bytes" '{ sum += $1 } END { print (sum == all ? "rows sum to golf:9" : sum " of " all) }'
[ "$bytes" -lt "$(sed -n '/"codec": "brotli:11"/{n;s/[^0-9]//gp}' json)" ] && echo "golf:9 below brotli:11"
for threads in 1 2; do golf-inspect a.golf --compare-codecs --json --threads $threads | cksum; done | uniq | wc -l
echo "a dictionary: $(golf-inspect a.ptz --compare-codecs --json | grep -c '"codec"') codecs"
golf-inspect a.golf --compare-codecs --by scheme --top 1 --filter mlp | tail -n 5 | awk '{ print $1, $2 }'
try golf-inspect tiny.safetensors --compare-codecs
try golf-inspect a.golf a.ptz --compare-codecs
try golf-inspect a.golf --compare-codecs --by weight
head -c 5000 a.golf >cut
try golf-inspect cut --compare-codecs | sed "s/[0-9]* bytes expected and [0-9]*/N bytes expected and N/"
