# The whole of --help: groups, defaults, examples, exit statuses.
golf-pack --help
echo "-----"
golf-pack unpack --help
echo "-----"
golf-inspect --help
for command in diff codecs extract config runs; do
  echo "-----"
  golf-inspect $command --help
done
echo "-----"
golf-pack sweep --help
