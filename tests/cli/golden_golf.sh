# The golden model packed today has the bytes of the golden files, all but their metadata, which names the tool and
# depends on brotli's version.
data=$CLI_TESTS/../data
golf-make-golden-model . || exit 1

# streams FILE: the bytes that follow the sections "info" and "tensor table".
number() { od -An -tu"$3" -j "$2" -N "$3" --endian=little "$1" | tr -d ' '; }
streams() {
  local header=$((20 + 28 * $(number "$1" 10 2)))
  tail -c +$((1 + header + $(number "$1" 16 4) + $(number "$1" 44 4))) "$1"
}

library() { golf-inspect "$1" | sed -n 's/^codec_library *//p'; }

# The first folder has method 1 of codec golf, the second method 2.
while read -r _ file codec; do
  PATH="$BIN:$PATH" bash "$data/golden_golf/pack.sh" model.safetensors calibration.safetensors "$codec" "$file" || exit 1
  for golden in "$data/golden_golf/$file" "$data/golden_golf_2/$file"; do
    [ -e "$golden" ] || continue
    # Of another version of the codec's library nothing is promised.
    if [ "$(library "$file")" != "$(library "$golden")" ] || cmp <(streams "$file") <(streams "$golden"); then
      echo "$codec: the same bytes"
    fi
  done
done <"$data/golden_golf/FILES"
