# What the shells complete, and the manual pages: made from the option tables.
. "$CLI_TESTS/lib.sh"

# complete_line LINE: what bash offers at the end of the line.
complete_line() {
  local tool=${1%% *}
  printf '%s →' "$1"
  bash --norc -c '
    . <("$0" --print-completion bash)
    COMP_WORDBREAKS=" =:" COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
    "_${0//-/_}"
    printf " %s" "${COMPREPLY[@]}"' "$tool" "$1"
  printf '\n'
}
complete_line 'golf-pack '
complete_line 'golf-pack un'
complete_line 'golf-pack final.pt --rec'
complete_line 'golf-pack final.pt --recipe b'
complete_line 'golf-pack final.pt --recipe=pr1046'
complete_line 'golf-pack final.pt --codec '
complete_line 'golf-pack final.pt --codec zlib:'
complete_line 'golf-pack final.pt --codec=golf:'
complete_line 'golf-pack final.pt --format p'
complete_line 'golf-pack final.pt -o '
complete_line 'golf-pack final.pt --keep-float-max '
complete_line 'golf-pack unpack model.golf --'
complete_line 'golf-pack --quiet --threads 2 recipes pr9'
complete_line 'golf-pack --threads 2 sc'
complete_line 'golf-pack -o unpack --dry'
complete_line 'golf-inspect model.golf --by '
complete_line 'golf-inspect diff a b --sort n'
complete_line 'golf-inspect --color '
complete_line 'golf-inspect submission runs --track re'
complete_line 'golf-inspect --model-config pr88'
complete_line 'golf-eval model.golf --mode standard,s'
complete_line 'golf-eval caseops '
complete_line 'golf-eval significance 1 --profile '
complete_line 'golf-eval audit losses.npy --window-policy '
echo "== every recipe offered is one"
for recipe in $(complete_line 'golf-pack recipes ' | sed 's/.*→//'); do
  golf-pack recipes "$recipe" >/dev/null || echo "$recipe: no recipe"
done
echo "== the other shells"
for tool in golf-pack golf-inspect golf-eval; do
  for shell in bash zsh fish; do
    $tool --print-completion $shell >$tool.$shell || echo "$tool: no completion for $shell"
    if command -v $shell >/dev/null; then $shell -n $tool.$shell || echo "$tool: $shell cannot read it"; fi
  done
done
grep -c -- '-l recipe ' golf-pack.fish
grep -c "'(--recipe)--recipe=\[" golf-pack.zsh
try golf-pack --print-completion tcsh
echo "== manual pages"
for tool in golf-pack golf-inspect golf-eval; do
  $tool --print-man >$tool.1
  if command -v groff >/dev/null; then groff -ww -man -Tutf8 -z $tool.1; fi
  # Each option of --help, and of each command's, is in the page.
  commands=$(sed -n 's/^\.SS golf\\-[a-z]* \([a-z\\-]*\)$/\1/p' $tool.1 | tr -d '\\')
  echo "$tool:" $commands
  for command in '' $commands; do
    $tool $command --help | sed -n 's/^  \(-[-a-zA-Z, ]*\).*/\1/p' | tr ', ' '\n\n' | grep '^-' | sed 's/-/\\-/g' |
      while read -r option; do
        grep -qF "\\fB$option\\fR" $tool.1 || echo "$tool $command: $option is not in the page"
      done
  done
done
