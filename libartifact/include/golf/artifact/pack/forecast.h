#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/pack/pack.h"

namespace golf {

/// What the tensors of one scheme are expected to take.
struct ForecastPart {
  std::string scheme = {};  ///< as the rule writes it, "int6-sd:12.85"
  uint64_t weights = 0;
  double bytes = 0;  ///< after the codec, with their scales
  double bits_per_weight() const { return 8 * bytes / static_cast<double>(weights); }
};

/// The size of an artifact before there are weights.
struct SizeForecast {
  std::vector<ForecastPart> parts = {};  ///< the largest first
  std::string codec = {};                ///< "brotli:11"
  double codec_overhead = 1;             ///< its bytes over the entropy of what it codes, assumed
  BudgetReport budget = {};              ///< with the expected bytes of the artifact and the request's code
};

/// Forecasts what pack() makes of a trained model of that shape. It assumes that the trained rows of a matrix
/// are Gaussian, which sets the entropy of their integers under the recipe's schemes, and that the codec
/// takes its usual share more than that entropy (measured on six million such values). It does not use a
/// calibration: error feedback does not change the entropy. Low-rank corrections and finer columns are left
/// out, less than 0.2 % in the records. The records of April and May weighed within 2 % of it (a test); a
/// training that shapes its weights, such as a penalty on them, makes artifacts that weigh less.
/// @param request  recipe, codec, format and budget hold; a target that fits the budget is not looked at
/// @throws Error kInvalidArgument: a rule for a tensor is missing, or needs a calibration
SizeForecast forecast_size(const ModelConfig& model, const PackRequest& request);

}  // namespace golf
