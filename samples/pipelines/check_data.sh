#!/usr/bin/env bash
# The data of a submission: is any validation document in the training shards, exactly or nearly? Is the validation
# split whole, and do its byte sidecars fit? The smaller set is held in memory, the training shards are read once.
#
#   check_data.sh DATA TOKENIZER [REPORT.json]
#
# DATA is a folder with fineweb_val_*.bin and fineweb_train_*.bin. Exit status 1: documents are shared.
set -euo pipefail
data=$1 tokenizer=$2 report=${3:-data-audit.json}

golf-eval data-audit --data "$data" --against "$data" --tokenizer "$tokenizer" --check -o "$report"
