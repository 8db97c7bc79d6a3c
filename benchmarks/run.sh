#!/usr/bin/env bash
# All comparisons with Python in one command, each pair in turns on this machine; prints Markdown with the machine's
# description. Run it alone: other work shifts the figures. Takes about 25 minutes on two cores.
#
#   benchmarks/run.sh BIN PYTHON TOKENIZER_1024 TOKENIZER_8192 > benchmarks/results/DATE-all.md
#
# BIN holds the golf programs (preset dev or release). PYTHON imports torch, numpy, safetensors and zstandard. Weights and
# tokens are random; the tokenizers only count bytes.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/python
bin=$1 python=$2 small=$3 large=$4
threads=$(nproc)
unset OMP_NUM_THREADS

echo "# golf and Python, $(date +%Y-%m-%d)"
echo
echo "Machine: $(nproc) threads of $(lscpu | sed -n 's/^Model name: *//p'), $(free -g | awk '/^Mem/ {print $2}') GB;" \
  "$(lscpu | grep -oE 'avx512f|avx512_bf16|avx512_vnni|avx2|amx_bf16' | sort -u | tr '\n' ' ')."
echo "$("$bin/golf-eval" --version | head -n 1); PyTorch $("$python" -c 'import torch; print(torch.__version__)'); $threads threads."
echo
echo "## Training step"
echo
"$python" "$here/compare_train_step.py" --golf "$bin/golf-train" --tokenizer "$small" --python "$python" --rounds 3 --steps 6 \
  --case baseline-cpu
echo
"$python" "$here/compare_train_step.py" --golf "$bin/golf-train" --tokenizer "$large" --vocabulary 8192 --python "$python" \
  --rounds 3 --steps 4 --warmup 2 --dtypes fp32 --case pr1855-tiny,data.batch_tokens=4096,curriculum.recurrence_start=0 \
  --case pr1855,data.seq_len=1024,data.batch_tokens=2048,data.grad_accum_steps=1,curriculum.recurrence_start=0
echo
echo "## Evaluation"
echo
"$python" "$here/compare_eval.py" --bin "$bin" --tokenizer "$small" --python "$python" --model pr192 --mode standard \
  --peer eager --peer compile --peer bound --dtype fp32 --dtype bf16 --dtype int8
echo
"$python" "$here/compare_eval.py" --bin "$bin" --tokenizer "$small" --python "$python" --model pr192 --mode sliding \
  --mode streaming
echo
"$python" "$here/compare_eval.py" --bin "$bin" --tokenizer "$large" --python "$python" --model pr1855 --mode standard \
  --sequences 4 --peer eager --peer compile --peer bound --dtype fp32 --dtype bf16 --dtype int8
echo
echo "## Packing and reading"
echo
"$python" "$here/compare_pack.py" --bin "$bin" --python "$python"
