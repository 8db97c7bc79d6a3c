#!/usr/bin/env bash
# A submission's folder before anybody runs it: what it claims against its own files, and whether its seeds are
# better than the record by the challenge's margin. Needs no model, no data and no LibTorch.
#
#   check_submission.sh FOLDER RECORD [BYTES_PER_TOKEN]
#
# FOLDER and RECORD are folders under records/, or RECORD is a submission.json. BYTES_PER_TOKEN converts the margin
# of 0.005 nats where the logs give no loss: a number, or sp1024, sp4096, sp8192.
# Exit status 1: an error in the folder, or not significant.
set -euo pipefail
folder=$1 record=$2 bytes=${3:-}

status=0
# Sizes, logs, code and submission.json against each other; --check turns an error into status 1.
golf-inspect submission "$folder" --check || status=$?
# Welch's test of the folder's runs against the record's. Both numbers are printed whatever they say.
golf-eval significance "$folder" --against "$record" ${bytes:+--bytes-per-token "$bytes"} --check || status=$?
exit "$status"
