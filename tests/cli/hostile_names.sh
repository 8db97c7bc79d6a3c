# Control characters in names never reach the terminal.
. "$CLI_TESTS/lib.sh"
try golf-pack hostile.safetensors -o out.golf
try golf-inspect hostile.safetensors --by tensor
try golf-inspect "$(printf 'no\nsuch\033[31mfile')"
