# --help of golf-eval and its command, the same with and without LibTorch.
golf-eval --help
echo "-----"
golf-eval calibrate --help
echo "-----"
golf-eval audit --help
