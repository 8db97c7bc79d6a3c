#include "golf_eval/eval_data.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
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

std::string to_text(const Fingerprint& fingerprint, const Style& style) {
  return fmt::format("{}: {} bytes{}", display_name(fingerprint.path), with_separators(fingerprint.bytes),
                     style.verbose() ? ", SHA-256 " + fingerprint.sha256 : "");
}

EvalData load_eval_data(const DataOptions& options, const EvalModel& model) {
  EvalData data = load_eval_data(options, model.spec.model.vocab_size);
  const Fingerprint& given = data.tokenizer.file;
  if (options.allow_other_tokenizer || model.tokenizer_sha256.empty() ||
      model.tokenizer_sha256 == given.sha256) {
    return data;
  }
  fail(ErrorCode::kMismatch,
       fmt::format("{}: is not the tokenizer that {} was made with (SHA-256 {}, not {}): give that one, or "
                   "--allow-other-tokenizer",
                   display_name(given.path), model.file.path, model.tokenizer_sha256, given.sha256));
}

namespace {

constexpr size_t kLongestRunRecord = 1 << 20;

/// What the run record beside golf-train's final.ptz, which has no room for it, says of the tokenizer; empty
/// where it says nothing. Source: libtrain/src/run/run_output.cpp, metrics.jsonl.
std::string tokenizer_of_run(const std::string& model) {
  const std::filesystem::path path(model);
  std::ifstream metrics(path.parent_path() / "metrics.jsonl");
  std::string line(kLongestRunRecord, ' ');
  if (path.stem() != "final" || !metrics.getline(line.data(), std::ssize(line))) return {};
  try {
    return parse_json(line.c_str(), "metrics.jsonl").at("tokenizer").at("sha256").as_string();
  } catch (const Error&) {
    return {};  // of an older version, or another program's
  }
}

}  // namespace

EvalModel read_model(const ModelOptions& options, int threads, Console& console) {
  const std::string name = display_name(options.model);
  const std::optional<ModelSpec> given = read_model_option(options.config);
  const ModelFile file = read_model_file(options.model);
  LoadedModel loaded = load_model(file, given, threads, options.key);
  note_reading(console, name, loaded.notes);
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
  std::string tokenizer = loaded.tokenizer_sha256();
  if (tokenizer.empty()) tokenizer = tokenizer_of_run(options.model);
  return {.file = {name, file.disk_bytes, sha256_hex(file.bytes)},
          .kind = kind,
          .spec = *loaded.spec,
          .tensors = std::move(loaded.tensors),
          .is_artifact = loaded.artifact.has_value(),
          .tokenizer_sha256 = tokenizer};
}

}  // namespace golf
