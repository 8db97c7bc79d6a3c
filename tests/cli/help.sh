# The whole of --help: groups, defaults, examples, exit statuses.
golf-pack --help
echo "-----"
golf-pack unpack --help
echo "-----"
golf-inspect --help
echo "-----"
golf-pack sweep --help
