# What golf-inspect says of a model whose blocks run several times, before any weights.
golf-inspect --model-config pr1855-tiny | sed -n '1,/^group/p'
echo "-----"
golf-inspect --model-config pr1493-tiny | grep -E '^(layer plan|encoder|decoder|parallel|parameters)'
echo "-----"
golf-inspect --model-config pr1855-tiny --json | grep -A 8 '"calls"' | head -9
echo "-----"
echo '{"model": {"depth_recurrence": {"first_block": 5, "last_block": 3}}}' > crossed.json
golf-inspect --model-config crossed.json 2>&1 || echo "exit $?"
echo "-----"
golf-inspect --model-config baseline-tiny | grep "layer plan" || echo "the baseline needs no layer plan"
