#!/usr/bin/env bash
# Tries the packages as a user would: unpacks both, runs the programs, shows the manual pages, asks for completions.
#
# usage: check.sh --bin FOLDER DEB TAR_GZ     FOLDER: where golf-make-cli-inputs is
#
# As root with CI=true the .deb is also installed with apt and removed again.
set -euo pipefail
[[ $# == 4 && $1 == --bin ]] || { echo "usage: check.sh --bin FOLDER DEB TAR_GZ" >&2; exit 2; }
bin=$(cd "$2" && pwd) deb=$(realpath "$3") tar=$(realpath "$4")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() { echo "check.sh: $*" >&2; exit 1; }
tools=(golf-pack golf-inspect golf-eval)

mkdir inputs deb tar
"$bin/golf-make-cli-inputs" inputs
dpkg-deb -x "$deb" deb
tar -xzf "$tar" -C tar
[[ $(ls tar) == "$(basename "$tar" .tar.gz)" ]] || fail "$tar: should hold one folder of its own name"
mv tar/* static

# run_tools FOLDER: packs, gates, unpacks and compares with the programs of a folder, in an environment without others.
run_tools() {
  local folder=$1 tool
  for tool in "${tools[@]}"; do env -i "$folder/$tool" --version >/dev/null || fail "$folder/$tool does not run"; done
  env -i "$folder/golf-pack" inputs/tiny.safetensors --recipe baseline-int8 --codec zstd:19 --quiet -o model.golf
  env -i "$folder/golf-inspect" model.golf --check --quiet >/dev/null
  env -i "$folder/golf-pack" unpack model.golf -o back.safetensors --quiet >/dev/null
  env -i "$folder/golf-eval" significance 1.0 1.1 --against 2.0 2.1 --profile chain --check >/dev/null
  for codec in zlib:9 lzma:6 brotli:5 golf:1; do
    env -i "$folder/golf-pack" inputs/tiny.safetensors --recipe baseline-int8 --codec $codec --quiet -o $codec.golf
  done
}
run_tools deb/usr/bin
mkdir of_deb && mv ./*.golf back.safetensors of_deb
run_tools static/bin
for file in of_deb/*; do cmp "$file" "$(basename "$file")"; done
echo "both packages' programs run and write the same bytes"

dpkg-deb -f "$deb" Package Version Architecture Depends
[[ $(dpkg-deb -f "$deb" Package) == golf-tools ]] || fail "the package has another name"
depends=$(dpkg-deb -f "$deb" Depends)
for library in libc6 libstdc++6 liblzma5 libzstd1 zlib1g libbrotli1; do
  [[ ", $depends" == *", $library"* ]] || fail "Depends lacks $library: $depends"
done
for tool in "${tools[@]}"; do
  ! ldd "deb/usr/bin/$tool" | grep 'not found' || fail "$tool of the .deb lacks libraries"
  ! readelf -d "static/bin/$tool" | grep NEEDED || fail "$tool of the .tar.gz is not static"
done
[[ -s deb/usr/share/doc/golf-tools/copyright ]] || fail "the .deb has no copyright file"
[[ -z $(find deb static -name '*.h' -o -name '*.a' -o -name '*.cmake') ]] || fail "a package holds files of development"

for tree in deb/usr static; do
  for tool in "${tools[@]}"; do
    page=$tree/share/man/man1/$tool.1.gz
    said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >page.txt) || fail "man -l $page failed: $said"
    [[ -z $said ]] || fail "man warns about $page: $said"
    grep -q '^EXIT STATUS' page.txt && grep -q -- '--json' page.txt || fail "$page lacks sections"
    said=$(zcat "$page" | groff -ww -man -Tutf8 -z 2>&1)
    [[ -z $said ]] || fail "groff warns about $page: $said"
    bash -n "$tree/share/bash-completion/completions/$tool"
    if command -v zsh >/dev/null; then zsh -n "$tree/share/zsh/vendor-completions/_$tool"; fi
    if command -v fish >/dev/null; then fish -n "$tree/share/fish/vendor_completions.d/$tool.fish"; fi
  done
done
grep -q 'unpack' <(man -l deb/usr/share/man/man1/golf-pack.1.gz 2>/dev/null) || fail "golf-pack(1) lacks its commands"
echo "manual pages and completions can be read"

# offered FILE LINE: what bash completes at the end of the line.
offered() {
  bash --norc -c '. "$0"; COMP_WORDBREAKS=" =:" COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=(); _golf_pack
    echo "${COMPREPLY[@]}"' "$1" "$2"
}
completion=deb/usr/share/bash-completion/completions/golf-pack
[[ $(offered $completion 'golf-pack unp') == unpack ]] || fail "commands are not completed"
[[ $(offered $completion 'golf-pack x.pt --recipe baseline-') == baseline-int8 ]] || fail "recipes are not completed"
[[ $(offered $completion 'golf-pack x.pt --dry') == --dry-run ]] || fail "options are not completed"

if (( EUID == 0 )) && [[ ${CI:-} == true ]] && ! dpkg-query -W golf-tools >/dev/null 2>&1; then
  cp "$deb" golf-tools.deb
  trap 'apt-get -qq remove -y golf-tools >/dev/null; rm -rf "$scratch"' EXIT
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends ./golf-tools.deb >/dev/null
  for tool in "${tools[@]}"; do [[ $(PATH=/usr/bin command -v $tool) == /usr/bin/$tool ]] || fail "$tool is not installed"; done
  /usr/bin/golf-inspect inputs/tiny.safetensors >/dev/null
  echo "apt installs and removes the .deb"
fi
