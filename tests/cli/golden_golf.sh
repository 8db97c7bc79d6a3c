# The golden model packed today has the bytes of the golden files, all but their metadata, which names the tool and
# depends on brotli's version.
golden=$CLI_TESTS/../data/golden_golf
golf-make-golden-model . || exit 1

# streams FILE: the bytes that follow the sections "info" and "tensor table".
number() { od -An -tu"$3" -j "$2" -N "$3" --endian=little "$1" | tr -d ' '; }
streams() {
  local header=$((20 + 28 * $(number "$1" 10 2)))
  tail -c +$((1 + header + $(number "$1" 16 4) + $(number "$1" 44 4))) "$1"
}

library() { golf-inspect "$1" | sed -n 's/^codec_library *//p'; }

while read -r _ file codec; do
  PATH="$BIN:$PATH" bash "$golden/pack.sh" model.safetensors calibration.safetensors "$codec" "$file" || exit 1
  if [ "$(library "$file")" != "$(library "$golden/$file")" ]; then
    echo "$codec: the same bytes"  # another version of the codec's library: nothing is promised
  elif cmp <(streams "$file") <(streams "$golden/$file"); then
    echo "$codec: the same bytes"
  fi
done <"$golden/FILES"
