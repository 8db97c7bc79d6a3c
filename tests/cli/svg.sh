# The treemap: well-formed, a cell and a tooltip for every tensor, the same every time.
. "$CLI_TESTS/lib.sh"
golf-pack tiny.safetensors --recipe baseline-int8 -o a.golf --codec zlib --keep-float-max 1000 --quiet || exit
golf-inspect a.golf --svg a.svg && golf-inspect a.golf --svg b.svg
cmp a.svg b.svg && echo "same picture"
head -c 4 a.svg; echo
echo "tensors of blocks with a tooltip: $(grep -c '<title>blocks\.[0-4]\.' a.svg)"
grep -q 'nan' a.svg || echo "every coordinate is a number"
golf-inspect hostile.safetensors --svg h.svg
grep -o '<title>two[^:]*' h.svg
if command -v python3 >/dev/null; then
  python3 -c 'import sys, xml.dom.minidom; [xml.dom.minidom.parse(f) for f in sys.argv[1:]]' a.svg h.svg
fi && echo "well-formed"
