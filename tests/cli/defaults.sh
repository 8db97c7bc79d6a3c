# What golf-pack does when it is told nothing: recipe best, codec golf, an output beside the checkpoint.
. "$CLI_TESTS/lib.sh"
few="--set blocks=drop"  # a part of the model will do
what() { golf-inspect "$1" --json | sed -n 's/^ *"\(recipe\|codec\|ptz_layout\)": "\(.*\)",$/\1 \2/p'; }
golf-pack bare.safetensors $few 2>&1 >/dev/null
what bare.golf
try golf-pack bare.safetensors $few
golf-pack bare.safetensors $few --dry-run --quiet && echo "a dry run writes nothing, so nothing is in its way"
golf-pack bare.safetensors --format ptz --quiet
what bare.ptz
golf-pack bare.safetensors -o c.golf --calibration calibration.safetensors --set 'tok_emb|blocks\.[1-9]=drop' 2>&1 >/dev/null
golf-pack bare.safetensors -o d.golf --recipe baseline-int8 --codec store 2>&1 >/dev/null
golf-pack d.golf -o e.golf 2>&1 >/dev/null
what e.golf
mkdir folder
cp bare.safetensors folder
golf-pack folder/ $few --quiet 2>/dev/null && ls folder*
try golf-pack - <bare.safetensors
try golf-pack bare.safetensors -o f.ptz --format ptz --recipe mixed-int6
try golf-pack bare.safetensors -o f.ptz --format ptz --recipe best
absent f.ptz
