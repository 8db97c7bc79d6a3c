#!/usr/bin/env bash
# pack.sh MODEL CALIBRATION CODEC OUTPUT: packs the golden model as the files of this folder were packed.
set -euo pipefail
golf-pack "$1" -o "$4" --codec "$3" --calibration "$2" --recipe baseline-int8 --keep-float-max 0 \
  --set '^int4=int4' --set '^int5=int5' --set '^int6=int6' --set '^int7=int7' --set '^int8=int8' \
  --set '^fp16=fp16' --set '^bf16=bf16' --set '^fp32=fp32' --set '^keep=keep' \
  --set '^layer=ecsq:0.9' --set '^shared=ecsq:0.6' --set '^ecsq=ecsq:0.3' --set '^tcq=tcq:0.4' \
  --set '^ecsq.scaled=ecsq:0.3+columns+rows' --set '^tcq.scaled=tcq:0.4+gptq+columns+rows' --quiet
