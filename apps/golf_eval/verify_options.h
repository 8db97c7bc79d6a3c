#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "golf_eval/shared_options.h"

namespace golf {

/// The command line of golf-eval verify.
struct VerifyOptions {
  ModelOptions model;
  DataOptions text;
  WindowOptions windows;              ///< gaps are filled by the model's own evaluation settings
  std::optional<int64_t> batch_seqs;  ///< as here
  double claim = 0;                   ///< bits a byte
  double tolerance = 0.005;
  double confidence = 0.99;
  std::optional<double> bound;  ///< nats a token, of a window's mean
  uint64_t seed = 0;
  std::string adapt, ngram_cache;  ///< refused with the reason
  bool ngram_tilt = false;         ///< as these
  std::string output;
};

}  // namespace golf
