# golf-train: configuration layers with their origins, and what is wrong usage.
. "$CLI_TESTS/lib.sh"
command -v golf-train >/dev/null || { echo "golf-train is not built here"; exit 77; }
origins() { golf-train --print-config "$@" | tr -s ' ' | grep -E '^(model.num_layers|data.seq_len|optimizer.muon.momentum|schedule.iterations|training.seed) '; }
printf '{"name": "mine", "data": {"seq_len": 128}}' >mine.json
origins --config baseline-tiny --iterations 7 --set optimizer.muon.momentum=0.9 --seed 3 --set training.seed=4
origins --config mine.json
golf-train --config baseline-tiny --print-config --json >tiny.json
golf-train --config tiny.json --print-config --json | cmp - tiny.json && echo "a printed configuration is a configuration"
try golf-train --config basline --print-config
try golf-train --config missing.json --print-config
try golf-train --set optimizer.matrx_lr=0.1 --print-config
try golf-train --set optimizer.matrix_lr --print-config
try golf-train --iterations many --print-config
try golf-train --set data.batch_tokens=1000 --print-config
try golf-train --dtype fp8 --print-config
try golf-train --data .
try golf-train --data . --tokenizer tokenizer1024.model
