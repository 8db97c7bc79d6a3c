#include "quantize/level_range.h"

#include "golf/artifact/base/error.h"

namespace golf {

void require_free_steps(const Quantizer& quantizer) {
  if (quantizer.free_weights() > 0) return;
  fail(ErrorCode::kInvalidArgument,
       "no tensor has steps to fit: use --set or a recipe with ecsq or tcq, without a number");
}

}  // namespace golf
