# --fit: the steps with which artifact and code end just under the budget.
. "$CLI_TESTS/lib.sh"
# fit BUDGET OPTION...: how the search ended, and where in the last 0.05 % the total landed.
fit() {
  local budget=$1 code=0
  shift
  golf-pack tiny.safetensors -o f.golf --fit --budget "$budget" --json "$@" >f.json 2>err || code=$?
  local total=$(field f.json total_bytes)
  if [ "$total" -le "$budget" ] && [ $((total * 2000)) -ge $((budget * 1999)) ]; then where="in the window"
  elif [ "$total" -le "$budget" ]; then where="under"; else where="over"; fi
  echo "exit $code, $(field f.json end), $where, verified: $(field f.json verified)"
  sed "/calibrate writes a file/d; s/[0-9,]* bytes/N bytes/g" err
}
printf '%1000s' '' >train.py
fit 300000 --codec golf:1
echo "recipe $(field f.json recipe)"
fit 200000 --codec golf:2 --recipe ecsq
fit 200000 --codec golf:1 --code train.py
fit 201000 --codec golf:1 --calibration calibration.safetensors
fit 200000 --codec brotli:4 --set 'mlp=int6-pr192'
fit 200000 --codec zstd:3 --set 'attn\.(c_|proj)=int6-sd:12.85+gptq' --calibration calibration.safetensors
echo "more than the finest steps need:"
fit 16000000 --codec golf:1
echo "less than the rest takes:"
fit 3000 --codec golf:1
golf-inspect f.golf --check --budget 3000 --quiet >/dev/null 2>&1; echo "check: exit $?"
echo "same bytes on one thread and two:"
for threads in 1 2; do
  golf-pack tiny.safetensors -o $threads.golf --fit --budget 150000 --codec golf:1 --calibration calibration.safetensors --threads $threads --quiet
done
cmp 1.golf 2.golf && echo same
echo "by the sensitivity of the loss:"
fit 200000 --codec golf:1 --calibration statistics.safetensors
golf-pack tiny.safetensors -o g.golf --fit --target-gap 0.002 --calibration statistics.safetensors --codec golf:1 --json --quiet >g.json
echo "$(field g.json end), gap: $(field g.json predicted_gap_bpb | awk '{ print ($1 <= 0.002 && $1 >= 0.98 * 0.002) ? "in the window" : $1 }')"
golf-pack tiny.safetensors -o g.golf --fit --target-gap 0.002 --calibration statistics.safetensors --codec golf:1 | grep -q "^predicted quantization gap: 0.0019[0-9]* bits per byte" && echo "the text names the gap"
try golf-pack tiny.safetensors -o e.golf --fit --target-gap 0.002 --calibration calibration.safetensors
try golf-pack tiny.safetensors -o e.golf --target-gap 0.002 --calibration statistics.safetensors
try golf-pack tiny.safetensors -o e.golf --recipe tcq --set 'tok_emb=tcq+rows' --calibration calibration.safetensors
try golf-pack tiny.safetensors -o e.golf --fit --recipe mixed-int6
try golf-pack tiny.safetensors -o e.golf --fit --prune-to-fit
try golf-pack 1.golf -o e.golf --fit
try golf-pack tiny.safetensors -o e.ptz --recipe pr192 --set 'mlp\.fc=tcq' --format ptz
absent e.golf e.ptz
