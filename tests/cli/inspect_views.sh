# What golf-inspect shows of a checkpoint, whose sizes do not depend on codecs.
golf-inspect tiny.safetensors
echo "-----"
golf-inspect bare.safetensors --by tensor --top 3 --filter 'mlp'
echo "-----"
golf-inspect other.safetensors --by scheme --sort file
echo "-----"
golf-inspect tiny.safetensors --by layer --sort name
echo "-----"
golf-inspect shard.bin tokenizer.model
echo "-----"
golf-inspect other.safetensors --json --by tensor
