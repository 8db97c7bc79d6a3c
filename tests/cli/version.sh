golf-pack --version
golf-inspect --version
golf-inspect --help-limits | head -n 3
