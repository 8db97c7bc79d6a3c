#include "quantize/int_per_row.h"

#include "quantize/float_values.h"
#include "quantize/int_tensor.h"

namespace golf {

StoredTensor store_int_per_row(const Tensor& tensor, int bits) {
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  return store_by_scale_rule(tensor, bits,
                             [&](std::span<const float> values) { return max_magnitude(values) / limit; });
}

}  // namespace golf
