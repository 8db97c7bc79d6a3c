# golf-train: options over the submissions' environment variables over files over presets, and what is wrong with a variable.
. "$CLI_TESTS/lib.sh"
needs_golf_train
origins() { golf-train --print-config "$@" | tr -s ' ' | grep -E '^(model.num_layers|optimizer.muon.weight_decay|optimizer.matrix_lr|qat.method|schedule.iterations|weights.ema.decay) '; }
printf '{"qat": {"method": "fake_quant", "matrices": ["blocks."]}, "optimizer": {"matrix_lr": 0.01}}' >edit.json
MUON_WD=0.05 ITERATIONS=9 MATRIX_LR=0.03 origins --config pr262 --config edit.json --iterations 7
echo "-----"
NUM_LAYERS=8 VE_LAYERS=6,7 XSA_LAST_N=8 origins --config pr993 --set weights.ema.decay=0.99
echo "-----"
try env NUM_LAYERS=eight golf-train --print-config
try env MARKOV_GATE_TEMP=0.1 golf-train --print-config
try env DTG_ENABLED=1 golf-train --config pr192 --print-config
try env NUM_LAYERS=8 golf-train --config pr993 --print-config
try env FORCE_STOP_STEP=9 GPTQ_DAMP=0.1 golf-train --config baseline-tiny --print-config
echo "-----"
WARMDOWN_FRAC=0.7 MATRIX_BITS=5 LQER_RANK=4 TTT_EPOCHS=3 RUN_ID=x golf-train --config baseline-tiny --print-config 2>&1 |
  tr -s ' ' | grep -E '^(golf-train:|schedule.warmdown)'
echo "-----"
DATA_PATH=data TOKENIZER_PATH=tokenizer1024.model TRAIN_BATCH_TOKENS=256 SWA_EVERY=1 golf-train --config pr262-tiny \
  --iterations 2 --set data.grad_accum_steps=1 --set schedule.warmdown_iters=10 --device cpu \
  --threads 1 --quiet -o run >/dev/null && grep -oE '^(swa:.*|DIAGNOSTIC [a-z_]*)' run/train.log
