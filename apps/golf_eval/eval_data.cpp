#include "golf_eval/eval_data.h"

#include <fmt/format.h>

#include <optional>

#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {

std::string to_text(const Fingerprint& fingerprint) {
  return fmt::format("{}: {} bytes, SHA-256 {}", display_name(fingerprint.path),
                     with_separators(fingerprint.bytes), fingerprint.sha256);
}

EvalData load_eval_data(const DataOptions& options, int64_t vocab_size) {
  const KnownData known = KnownData::load(options.known_data);
  EvalData data{.source = options.data, .tokenizer = read_tokenizer(options.tokenizer, vocab_size)};
  data.text =
      read_text(find_shards(options.data, options.shards_of_folder), data.tokenizer, options.max_tokens);
  data.identity = identify_text(data.text, data.tokenizer, known);
  if (!options.text_file.empty()) data.documents = read_documents(options.text_file);
  return data;
}

TextView EvalData::scored(const EvalSettings& settings) const {
  return text.view().first(kept_targets(settings, text.view().size()) + 1);
}

ByteCountCheck EvalData::check_bytes(const EvalSettings& settings) const {
  const TextView part = scored(settings);
  if (documents.empty()) return check_byte_count(part, tokenizer.vocab);
  try {
    return check_byte_count(part, tokenizer.vocab, documents);
  } catch (const Error& error) {
    fail_within("--text", error);
  }
}

std::string EvalData::uncountable(const EvalSettings& settings) const {
  const TextView part = scored(settings);
  return uncountable_bytes(part, part.targets(), tokenizer);
}

void EvalData::require_tokenizer(const std::string& recorded, const std::string& model) const {
  if (recorded.empty() || recorded == tokenizer.file.sha256) return;
  fail(ErrorCode::kMismatch,
       fmt::format("{}: is not the tokenizer that {} was made with (SHA-256 {}, not {}): give that one, or "
                   "--allow-other-tokenizer",
                   display_name(tokenizer.file.path), model, recorded, tokenizer.file.sha256));
}

WindowPlan plan_for(const EvalSettings& settings, const EvalData& data) {
  try {
    return make_plan(settings, kept_targets(settings, data.text.view().size()));
  } catch (const Error& error) {
    const auto& shards = data.text.shards;
    fail_within(display_name(shards.size() == 1 ? shards[0].file.path : data.source), error);
  }
}

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
