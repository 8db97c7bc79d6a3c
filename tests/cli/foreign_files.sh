# Files that are no model are named for what they are; code in folders, named twice, and in paths with brackets.
. "$CLI_TESTS/lib.sh"
mkdir in
golf-make-cli-inputs in foreign || exit
cd in || exit
tar cf archive.tar config.json
for file in array.npz gzip.gz bzip2.bz2 old.pt archive.tar lfs.safetensors code.xz model.zlib placeholder.ptz \
  prefix.xz tokenizer.json submission.json config.json; do
  golf-pack $file -o a.golf
  echo "[exit $?]"
  golf-inspect $file >/dev/null
  echo "[exit $?]"
done 2>&1
absent a.golf

echo "== code"
mkdir -p src/kernels src/.git src/__pycache__
printf 'import kernels\n' >src/train_gpt.py
printf '// kernel\n' >src/kernels/fast.cu
printf 'log\n' >src/train.log
printf 'junk' >src/.git/hook.py
printf 'junk' >src/__pycache__/x.py
# The artifact's size depends on the commit that it names.
masked() { "$@" 2>&1 | sed 's|[0-9][0-9]*,[0-9,]*[0-9]|N|g'; }
masked golf-pack plain.safetensors -o 'a[1].golf' --recipe baseline-int8 --codec store --code src |
  grep -E '^artifact|^  '
masked golf-inspect --check 'a[1].golf' --code src --code ./src/train_gpt.py
mkdir empty
try golf-inspect --check 'a[1].golf' --code empty
