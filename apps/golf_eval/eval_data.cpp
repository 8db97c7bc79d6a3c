#include "golf_eval/eval_data.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>

#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
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
          .artifact = std::move(loaded.artifact),
          .tokenizer_sha256 = tokenizer};
}

namespace {

/// Two models of one shape differ by more than the weights' own size, weights quantized to two bits by a
/// third of it.
constexpr double kLargestError = 0.7;

/// √(Σ(w − ŵ)² / Σw²) over all weights.
double relative_error(const TensorSet& weights, const TensorSet& others) {
  double errors = 0, squares = 0;
  for (const auto& [name, tensor] : weights) {
    const std::vector<float> own = to_f32(tensor), other = to_f32(others.at(name));
    for (size_t i = 0; i < own.size(); ++i) {
      const double error = static_cast<double>(other[i]) - own[i];
      errors += error * error;
      squares += static_cast<double>(own[i]) * own[i];
    }
  }
  return std::sqrt(errors / squares);
}

}  // namespace

TensorSet read_counterpart(const std::string& path, const EvalModel& model, int threads, Console& console) {
  const std::string name = display_name(path);
  LoadedModel loaded = load_model(read_model_file(path), model.spec, threads);
  note_reading(console, name, loaded.notes);
  if (const double error = relative_error(loaded.tensors, model.tensors); !(error < kLargestError)) {
    fail(ErrorCode::kMismatch,
         fmt::format(
             "{}: its weights differ from those of {} by {:.0f} % of their size: one must be made from "
             "the other by quantization",
             name, model.file.path, 100 * error));
  }
  return std::move(loaded.tensors);
}

void refuse_validation_shards(const EvalData& data) {
  for (const TokenizedText::Shard& shard : data.text.shards) {
    const std::string name = std::filesystem::path(shard.file.path).filename().string();
    if (name.find("_val") == std::string::npos) continue;
    throw UsageError(
        fmt::format("--data: {} holds validation text: give training shards, or --allow-validation",
                    printable(shard.file.path)));
  }
}

void add_validation_flag(CLI::App& app, bool& allow_validation) {
  app.add_flag("--allow-validation", allow_validation,
               "take validation shards too, for studies that are not submitted")
      ->group("Data");
}

}  // namespace golf
