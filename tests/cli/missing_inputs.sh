# Files that are not there, or are no files: exit status 3, nothing written, no waiting.
. "$CLI_TESTS/lib.sh"
mkdir folder
mkfifo pipe
refused "missing" golf-pack missing.safetensors -o a.golf
refused "folder" golf-pack folder -o a.golf
refused "device" golf-pack /dev/zero -o a.golf
refused "empty" golf-pack - -o a.golf </dev/null
refused "closed stdin" golf-pack - -o a.golf <&-
refused "missing code" golf-pack tiny.safetensors -o a.golf --code missing.py
refused "missing recipe file" golf-pack tiny.safetensors -o a.golf --recipe folder
refused "missing config" golf-pack tiny.safetensors -o a.golf --model-config missing.json
refused "missing" golf-inspect missing.golf
refused "folder" golf-inspect folder
refused "second of two" golf-inspect tiny.safetensors missing.golf
refused "missing other" golf-inspect diff tiny.safetensors missing.golf
refused "missing code" golf-inspect tiny.safetensors --check --code missing.py
try golf-inspect missing.golf
try golf-inspect folder
