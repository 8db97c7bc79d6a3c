# Same input, options and version: the same bytes, whatever the thread count.
for format in golf ptz; do
  for threads in 1 2 1 2; do
    golf-pack tiny.safetensors --recipe baseline-int8 -o - --format $format --keep-float-max 1000 --threads $threads --quiet
    echo
  done | cksum >../sums
  golf-pack tiny.safetensors --recipe baseline-int8 -o one.$format --format $format --keep-float-max 1000 --threads 1 --quiet
  for threads in 1 2 5 0; do
    golf-pack tiny.safetensors --recipe baseline-int8 -o two.$format --format $format --keep-float-max 1000 --threads $threads --quiet
    cmp one.$format two.$format && echo "$format: $threads threads, same bytes"
  done
done
TZ=Asia/Kolkata LC_ALL=de_DE.UTF-8 golf-pack tiny.safetensors --recipe baseline-int8 -o three.golf --keep-float-max 1000 --quiet
cmp one.golf three.golf && echo "same bytes in another place"
mkdir elsewhere && cp tiny.safetensors elsewhere/renamed.bin && cd elsewhere || exit
golf-pack renamed.bin --recipe baseline-int8 -o four.golf --keep-float-max 1000 --quiet
cmp ../one.golf four.golf && echo "same bytes from another path"
