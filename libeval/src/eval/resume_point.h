#pragma once

#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// What a resume file holds beside its identity.
struct EvalResumePoint {
  Json facts;
  TensorSet tensors = {};
};
/// A safetensors file that ends with the SHA-256 of what is before. @param schema  of the facts
Bytes encode_resume_point(const EvalResumePoint& point, const std::string& schema,
                          const std::string& identity);
/// @throws Error kCorruptData for a damaged file, kUnsupported for another one, kMismatch when `identity` is
/// another
EvalResumePoint decode_resume_point(ByteView bytes, const std::string& what, const std::string& schema,
                                    const std::string& identity);

}  // namespace golf
