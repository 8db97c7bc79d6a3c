#pragma once

#include <optional>
#include <string>

#include "common/console.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/score/eval_data.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// "FILE: N bytes", for people; with --verbose "FILE: N bytes, SHA-256 …".
std::string to_text(const Fingerprint& fingerprint, const Style& style);

/// MODEL, its configuration known and its weights sound.
struct EvalModel {
  Fingerprint file;
  std::string kind;
  ModelSpec spec;
  TensorSet tensors;
  std::optional<Artifact> artifact = {};  ///< what the file stores, when it is one
  std::string tokenizer_sha256 = {};      ///< recorded in the file or its run folder; empty: none is
};
/// Says on `console` how the file was read.
/// @throws Error naming the file: what load_model() throws, no configuration, weights that are not finite
EvalModel read_model(const ModelOptions& options, int threads, Console& console);

/// The weights of the same model before or after quantization.
/// @throws Error kMismatch when they differ from the model's by more than quantization does; as load_model()
TensorSet read_counterpart(const std::string& path, const EvalModel& model, int threads, Console& console);

/// The text for a model.
/// @throws Error as above; kMismatch also when the vocabulary is not the model's, or the tokenizer is not the
/// one that the model was made with and `options` do not allow another
EvalData load_eval_data(const DataOptions& options, const EvalModel& model);

/// Refuses text that a model must not be fitted to: it would be ruled out. The names of the shards are all
/// there is to go by. @throws UsageError
void refuse_validation_shards(const EvalData& data);
/// --allow-validation
void add_validation_flag(CLI::App& app, bool& allow_validation);

}  // namespace golf
