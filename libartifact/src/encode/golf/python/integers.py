# Logarithms, exponentials and distribution functions in integers, of whole arrays (docs/FORMAT.md, "Constants").
import numpy as np


def log2(value):
    """Logarithm in 1/65536, rounded down."""
    exponent = np.frexp(value)[1] - 1
    mantissa = np.ldexp(value * 1.0, 31 - exponent).astype("Q")
    result = exponent.astype("q")
    for _ in range(16):
        mantissa = mantissa * mantissa >> np.uint64(31)
        carry = mantissa >> np.uint64(32)
        mantissa >>= carry
        result = 2 * result + carry.astype("q")
    return result


def exp2(exponent):
    """2^31 · 2^(−exponent / 65536), rounded down."""
    product = 0 * exponent + (1 << 31)
    for i in range(16):
        root = int(2 ** (31 - 0.5 ** (i + 1)) + 0.5)
        product = np.where(exponent >> 15 - i & 1, product * root >> 31, product)
    return product >> np.minimum(exponent >> 16, 63)


# 2^15 over the scale of each index.
INVERSE = exp2(851968 + 4096 * np.arange(177)).astype("i")


def shape_table(shape):
    """Distribution function of a shape at −8192 … 8192, out of 65535."""
    alpha = np.array([5983, 25283, 46341, 76262, 92682, 107266, 112727, 116836])[shape]
    beta = (2, 3, 4, 6, 8, 12, 16, 32)[shape]
    ratio = log2(64 * np.arange(8192) + 32) - log2(alpha)
    sums = np.append(0, np.cumsum(exp2(exp2(np.maximum(983040 - (ratio * beta >> 2) - 34655, 0)))))
    above = np.minimum(sums * 65535 // (2 * sums[-1]), 32767)
    return np.append(32767 - above[::-1], 32768 + above[1:]).astype("I")
