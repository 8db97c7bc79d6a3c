# Colors only when asked for or on a terminal; JSON never.
# Whether standard input has color codes.
has_color() { if grep -q "$(printf '\033')"; then echo colored; else echo plain; fi; }
echo "through a pipe: $(golf-inspect tiny.safetensors | has_color)"
echo "through a pipe, TERM=xterm: $(TERM=xterm golf-inspect tiny.safetensors | has_color)"
echo "--color=never: $(golf-inspect tiny.safetensors --color=never | has_color)"
echo "--color=always: $(golf-inspect tiny.safetensors --color=always | has_color)"
echo "NO_COLOR and --color=always: $(NO_COLOR=1 golf-inspect tiny.safetensors --color=always | has_color)"
echo "--color=always --json: $(golf-inspect tiny.safetensors --color=always --json | has_color)"
if command -v script >/dev/null; then
  on_terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null; }
  echo "on a terminal: $(on_terminal 'golf-inspect tiny.safetensors' | has_color)"
  echo "NO_COLOR on a terminal: $(NO_COLOR=1 on_terminal 'golf-inspect tiny.safetensors' | has_color)"
  on_terminal 'golf-pack tiny.safetensors --recipe baseline-int8 -o -' | tr -d '\r'
else
  printf 'on a terminal: colored\nNO_COLOR on a terminal: plain\n'
  echo "golf-pack: standard output is a terminal, not a place for binary data: use -o FILE or a pipe"
fi
