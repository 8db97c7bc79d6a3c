#!/usr/bin/env bash
# A claimed score from the artifact itself: is it under the budget with its code, and does a random sample of windows
# confirm the score? The seed of the sample is drawn here, after the claim was made, and printed for whoever repeats it.
#
#   check_score.sh ARTIFACT CODE CLAIM DATA TOKENIZER [VERIFY_OPTION...]
#
#   check_score.sh model.golf train_gpt.py 1.0611 data/ t.model --tolerance 0.01 --mode sliding --stride 64
#
# Exit status 1: over the budget, or refuted. GOLF_SEED fixes the seed.
set -euo pipefail
artifact=$1 code=$2 claim=$3 data=$4 tokenizer=$5
shift 5

golf-inspect "$artifact" --code "$code" --check
seed=${GOLF_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "seed of the sample: $seed"
golf-eval verify "$artifact" --claim "$claim" --data "$data" --tokenizer "$tokenizer" --seed "$seed" "$@"
