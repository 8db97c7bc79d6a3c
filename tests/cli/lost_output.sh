# Losing the result is never silent, and a closed descriptor never ends up in an output file.
golf-pack tiny.safetensors --recipe baseline-int8 -o good.golf --codec zlib --quiet || exit
[ -w /dev/full ] || { echo "no /dev/full"; exit 77; }
golf-inspect good.golf >/dev/full
echo "full: exit $?"
golf-inspect good.golf >&-
echo "closed: exit $?"
golf-inspect --help >/dev/full
echo "help, full: exit $?"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib >/dev/full
echo "report lost: exit $?"
cmp good.golf a.golf && echo "artifact whole"
golf-pack tiny.safetensors --recipe baseline-int8 -o - --codec zlib --quiet >/dev/full
echo "artifact lost: exit $?"
golf-pack tiny.safetensors --recipe baseline-int8 -o b.golf --codec zlib 0<&- 1>&- 2>&-
echo "all closed: exit $?"
cmp good.golf b.golf && echo "artifact whole"
golf-pack tiny.safetensors --recipe baseline-int8 -o c.golf --codec zlib --quiet 0<&- 1>&- 2>&-
echo "all closed, nothing to say: exit $?"
cmp good.golf c.golf && echo "artifact whole"
golf-inspect good.golf <&- >/dev/null
echo "stdin closed, not needed: exit $?"
golf-inspect good.golf 2>/dev/full >/dev/null
echo "stderr full: exit $?"
