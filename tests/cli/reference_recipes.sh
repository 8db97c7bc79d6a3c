# golf-pack with each entry's recipe, in both formats, decodes to what the entry's own artifact decodes to.
. "$CLI_TESTS/lib.sh"
data=${GOLF_REFERENCE_DATA:-$CLI_TESTS/../../../shared/data}
[ -d "$data/pr88" ] || { echo "no reference data"; exit 77; }

# same LABEL ARTIFACT WEIGHTS SPEC OPTION...: WEIGHTS packed with the options against the entry's ARTIFACT.
same() {
  local label=$1 artifact=$data/$2 weights=$data/$3 spec=$4 format
  shift 4
  golf-pack unpack "$artifact" -o theirs.safetensors --model-config "$spec" --quiet || return
  for format in ptz golf; do
    golf-pack "$weights" -o ours.$format --format $format --model-config "$spec" --quiet "$@" &&
      golf-pack unpack ours.$format -o ours.safetensors --model-config "$spec" --quiet &&
      cmp theirs.safetensors ours.safetensors && echo "$label: $format decodes to the entry's bits"
  done
}
same pr88 pr88/artifact.int8.ptz pr88/final.safetensors pr88-tiny --recipe pr88
same "pr88, limit 4,096" pr88/artifact_t4096.int8.ptz pr88/final.safetensors pr88-tiny --recipe pr88 --keep-float-max 4096
same pr192 pr192/artifact.int6.ptz pr192/final.safetensors pr192-tiny --recipe pr192
same pr262 pr262/artifact.int6.ptz pr262/final.safetensors pr262-tiny --recipe pr262
same pr993 pr993/artifact.int6.ptz pr993/final.safetensors pr993-tiny --recipe pr993
wide=$CLI_TESTS/../parity/configs/pr993-wide.json
same "pr993, wide" pr993/wide/artifact_noprune.int6.ptz pr993/wide/input.safetensors "$wide" --recipe pr993
same pr1046 pr1046/artifact.int6.ptz pr1046/final.safetensors pr1046-tiny --recipe pr1046
same "pr1046, limit 4,096" pr1046/artifact_t4096.int6.ptz pr1046/final.safetensors pr1046-tiny --recipe pr1046 \
  --keep-float-max 4096
same pr1046-int8 pr1046/artifact.int8.ptz pr1046/final.safetensors pr1046-tiny --recipe pr1046-int8
same "torch checkpoint" pr1046/artifact.int6.ptz pr1046/final.pt pr1046-tiny --recipe pr1046
