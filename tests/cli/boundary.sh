# golf-pack and golf-inspect never load LibTorch, and their sources never see it; of golf-eval only what runs a model does.
for tool in golf-pack golf-inspect; do
  # Whole names: a load address in hexadecimal may contain "c10".
  ldd "$BIN/$tool" | grep -iE 'libtorch|libc10' || echo "$tool loads no LibTorch"
done
root=$CLI_TESTS/../..
grep -rlE '#include *[<"](torch|ATen|c10)/' "$root/libartifact" "$root"/libeval/*/score "$root"/libeval/include/golf/score \
  "$root/apps/common" "$root/apps/golf_pack" "$root/apps/golf_inspect" "$root/apps/golf_eval" |
  grep -v "/golf_eval/\(eval_command.cpp\|torch_runtime.h\)"
echo "no other source includes LibTorch"
