# A refused or failed run leaves the old file; a good one replaces it, through a symbolic link too.
. "$CLI_TESTS/lib.sh"
echo old >out.golf
golf-pack nan.safetensors --recipe baseline-int8 -o out.golf 2>/dev/null
echo "refused: exit $?, $(cat out.golf)"
(ulimit -f 100 && golf-pack tiny.safetensors --recipe baseline-int8 -o out.golf --codec store --quiet 2>../err)
echo "file size limit: exit $?, $(cat out.golf), $(sed 's/.*: //' ../err)"
ls -A | grep -c '^\.golf' | sed 's/^/temporary files left: /'
ln -s out.golf link.golf
(umask 027 && golf-pack tiny.safetensors --recipe baseline-int8 -o link.golf --codec zlib --quiet)
[ -L link.golf ] && echo "link kept"
golf-inspect out.golf --json | grep '"kind"'
echo "mode $(stat -c %a out.golf)"
