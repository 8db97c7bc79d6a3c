#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

/// The types of matrix products that a CPU offers, as tried on the beginning of a text (choose_dtype).
struct DtypeChoice {
  struct Trial {
    std::string dtype;  ///< "fp32", "bf16" or "int8"
    double tokens_per_second = 0;
    double bpb_difference = 0;  ///< to float32's on the same tokens
    bool allowed = false;       ///< the difference is within the tolerance
  };
  int64_t tokens = 0;              ///< scored by each
  double tolerance = 0;            ///< bits per byte
  std::vector<Trial> trials = {};  ///< float32 first
  std::string chosen = {};         ///< the fastest that is allowed
};
Json to_json(const DtypeChoice& choice);

/// How products of int8 represent the matrices that a model has multiplied.
struct Int8Matrices {
  int64_t exact = 0;    ///< as whole multiples of one step a row, without rounding
  int64_t rounded = 0;  ///< to the nearest of ±127 steps
};
Json to_json(const Int8Matrices& matrices);

}  // namespace golf
