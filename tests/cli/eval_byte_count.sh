# A tokenizer whose tables do not count the bytes of the text: the score is printed, the exit status is 1.
. "$CLI_TESTS/lib.sh"
floats 768 >nll.f32
# "▁aaa" becomes "▁▁": one space is dropped by the rule, the other counts three bytes and decodes to one.
sed 's/\xe2\x96\x81aaa/\xe2\x96\x81\xe2\x96\x81/g' tokenizer1024.model >spaces.model
golf-eval audit nll.f32 --data shard.bin --tokenizer spaces.model --seq-len 256 >report.txt
echo "exit $?"
grep " standard 256\|^byte-count" report.txt
golf-eval audit nll.f32 --data shard.bin --tokenizer spaces.model --seq-len 256 --json 2>/dev/null |
  sed -n '/"byte_count_check"/,/^  },/p'
