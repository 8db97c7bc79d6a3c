#pragma once

#include <string>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// MODEL, its configuration known and its weights sound.
struct EvalModel {
  Fingerprint file;
  std::string kind;
  ModelSpec spec;
  TensorSet tensors;
  bool is_artifact = false;
  std::string tokenizer_sha256 = {};  ///< recorded in the artifact; empty: none is
};
/// @throws Error naming the file: what load_model() throws, no configuration, weights that are not finite
EvalModel read_model(const ModelOptions& options, int threads);

}  // namespace golf
