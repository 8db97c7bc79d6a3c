#include "golf_eval/eval_model.h"

#include <fmt/format.h>

#include <optional>

#include "common/model_option.h"
#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {

EvalModel read_model(const ModelOptions& options, int threads) {
  const std::string name = display_name(options.model);
  const std::optional<ModelSpec> given = read_model_option(options.config);
  const Bytes bytes = read_file(options.model);
  LoadedModel loaded = load_model(bytes, name, given, threads);
  if (given) loaded.spec = given;
  if (!loaded.spec) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: carries no model configuration: give --model-config NAME|FILE", name));
  }
  try {
    check_finite(loaded.tensors);
  } catch (const Error& error) {
    fail_within(name, error);
  }
  const std::string kind =
      loaded.artifact ? fmt::format("{} artifact", format_name(loaded.artifact->info.format)) : "checkpoint";
  std::string tokenizer;
  if (loaded.artifact) {
    const auto& provenance = loaded.artifact->info.provenance;
    if (const auto found = provenance.find("tokenizer_sha256"); found != provenance.end())
      tokenizer = found->second;
  }
  return {.file = {name, bytes.size(), sha256_hex(bytes)},
          .kind = kind,
          .spec = *loaded.spec,
          .tensors = std::move(loaded.tensors),
          .is_artifact = loaded.artifact.has_value(),
          .tokenizer_sha256 = tokenizer};
}

}  // namespace golf
