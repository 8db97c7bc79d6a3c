#!/usr/bin/env bash
# Every artifact of a folder on one text in one mode, best first. Killed, it goes on where it was: the lines in
# FOLDER/scores.jsonl are not scored again.
#
#   leaderboard.sh FOLDER DATA TOKENIZER [MODE_JSON]
#
# MODE_JSON is a mode of golf-eval batch, such as '{"name": "sliding", "mode": "sliding", "seq_len": 1024}'.
# GOLF_DEVICES: JSON list of devices, one process each, such as '["cuda:0", "cuda:1"]'.
set -euo pipefail
folder=$1 data=$2 tokenizer=$3 mode=${4:-'{"name": "standard"}'}

devices=${GOLF_DEVICES:-'["auto"]'}
models=
for model in "$folder"/*.golf "$folder"/*.ptz; do
  [[ -e "$model" ]] || continue
  models+="${models:+, }{\"name\": \"$(basename "$model")\", \"model\": \"$model\"}"
done
cat >"$folder/manifest.json" <<END
{"models": [$models],
 "data": [{"name": "validation", "data": "$data", "tokenizer": "$tokenizer"}],
 "modes": [$mode],
 "devices": $devices}
END
golf-eval batch "$folder/manifest.json" -o "$folder/scores.jsonl"
echo
echo "best first:"
# One line a score: bits per byte, then the model's name.
sed 's/.*"job":{"model":"\([^"]*\)".*"val_bpb":\([0-9.]*\).*/\2 \1/' "$folder/scores.jsonl" | sort -n
