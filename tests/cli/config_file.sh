# Options from a file; the command line wins.
. "$CLI_TESTS/lib.sh"
cat >options.toml <<'T'
codec = "zlib:1"
set = ["mlp=int6", "tok_emb=fp16"]
budget = "20MB"
quiet = true
T
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --config-file options.toml
golf-inspect a.golf --json | grep '"codec"'
golf-inspect a.golf --by scheme --sort name | awk '/^int|^fp/ { print $1 }'
golf-pack tiny.safetensors --recipe baseline-int8 --dry-run --config-file options.toml --json --codec store | grep -E '"(limit_bytes|codec)"'
echo 'codek = "zlib"' >options.toml
try golf-pack tiny.safetensors -o b.golf --config-file options.toml
try golf-pack tiny.safetensors -o b.golf --config-file missing.toml
absent b.golf
# A command's options stand in the file as they are typed, the common ones with them.
printf 'by = "layer"\njson = true\n' >options.toml
golf-inspect diff tiny.safetensors a.golf --config-file options.toml | grep -E '"(schema|by)"'
golf-inspect --config-file options.toml diff tiny.safetensors a.golf | grep -E '"(schema|by)"'
printf 'svg = "a.svg"\n' >options.toml
try golf-inspect diff tiny.safetensors a.golf --config-file options.toml
printf '[diff]\nby = "layer"\n' >options.toml
try golf-inspect diff tiny.safetensors a.golf --config-file options.toml
