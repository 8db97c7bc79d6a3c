#include "golf/artifact/submission/submission_record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

constexpr size_t kMostSeeds = 100;

std::optional<int64_t> whole(const Json* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->as_double();
  if (!(std::abs(number) < 9e15) || number != std::floor(number)) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::optional<double> plain_number(const Json* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->as_double();
}

std::optional<int64_t> seed_from_key(std::string_view text) {
  if (text.starts_with("seed")) text.remove_prefix(4);
  if (text.starts_with("_")) text.remove_prefix(1);
  int64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(seed) : std::nullopt;
}

/// The first of several members that is there.
template <size_t N>
const Json* first_of(const Json& object, const std::array<std::string_view, N>& keys) {
  for (const std::string_view key : keys) {
    if (const Json* found = object.find(key)) return found;
  }
  return nullptr;
}

/// The number in "JSON … at line 3, column 5" of the parser's message.
int64_t line_in(std::string_view message) {
  const size_t at = message.find("line ");
  int64_t line = 0;
  if (at != std::string_view::npos)
    std::from_chars(message.data() + at + 5, message.data() + message.size(), line);
  return line;
}

}  // namespace

const std::vector<RecordField>& record_fields() {
  using enum RecordType;
  static const std::vector<RecordField> kFields = {
      {"author", kText, true, {"authors"}},
      {"github_id", kText, true, {"github", "github_username", "github_user"}},
      {"name", kText, true, {"run_name", "title", "submission_name"}},
      {"date", kText, true, {"submission_date", "timestamp"}},
      {"val_bpb", kNumber, true, {"mean_val_bpb", "val_bpb_mean", "final_val_bpb", "bpb", "val_bpb_exact"}},
      {"val_loss", kNumber, false, {"mean_val_loss", "val_loss_mean", "final_val_loss", "val_loss_sliding"}},
      {"blurb", kText, false, {"description", "summary", "technique_summary"}},
      {"bytes_total",
       kBytes,
       false,
       {"artifact_bytes", "total_size_bytes", "artifact_size_bytes", "artifact_bytes_max",
        "artifact_bytes_mean", "bytes_total_max", "bytes_total_mean", "total_bytes", "submission_bytes",
        "total_submission_size_bytes"}},
      {"bytes_code", kBytes, false, {"code_bytes", "code_size_bytes"}},
      {"track", kText, false, {}},
      {"step_stop", kNumber, false, {"train_steps", "steps", "training_steps"}},
      {"model_params", kNumber, false, {"params", "num_params", "parameters", "total_params"}},
  };
  return kFields;
}

std::optional<double> FoundField::number() const {
  if (value->is_number()) return value->as_double();
  if (!value->is_string()) return std::nullopt;
  const std::string& text = value->as_string();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
  return all ? std::optional(number) : std::nullopt;
}

SubmissionRecord::SubmissionRecord(std::string_view text, std::string file)
    : file_(std::move(file)), text_(text) {
  try {
    root_ = parse_json(text_, file_, limits::kJsonBytes);
    if (!root_.is_object()) problem_ = "is not a JSON object";
  } catch (const Error& error) {
    problem_ = error.what();
    if (problem_.starts_with(file_ + ": ")) problem_.erase(0, file_.size() + 2);
    problem_line_ = line_in(problem_);
  }
  if (!problem_.empty()) return;
  find_fields();
  find_seeds();
}

int64_t SubmissionRecord::line_of(std::string_view key) const {
  const std::string quoted = Json(key).dump();
  const size_t at = text_.find(quoted);
  if (at == std::string::npos) return 0;
  return 1 + std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at), '\n');
}

const FoundField* SubmissionRecord::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const FoundField& field) { return field.field->name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

std::optional<double> SubmissionRecord::number(std::string_view name) const {
  const FoundField* field = find(name);
  return field == nullptr ? std::nullopt : field->number();
}

void SubmissionRecord::find_fields() {
  for (const RecordField& field : record_fields()) {
    std::vector<std::string_view> keys = {field.name};
    keys.insert(keys.end(), field.synonyms.begin(), field.synonyms.end());
    const FoundField* best = nullptr;
    for (const std::string_view key : keys) {
      const Json* value = root_.find(key);
      if (value == nullptr) continue;
      // A name of its own that is null, with a synonym that is not, is a form that people use.
      if (best != nullptr && (!best->value->is_null() || value->is_null())) continue;
      if (best != nullptr) fields_.pop_back();
      fields_.push_back({&field, std::string(key), value, line_of(key)});
      best = &fields_.back();
    }
  }
}

void SubmissionRecord::add_seed(int64_t seed, const Json& value, int64_t line) {
  constexpr std::array<std::string_view, 4> kBpb = {"val_bpb", "final_val_bpb", "bpb", "sliding_bpb"};
  constexpr std::array<std::string_view, 2> kLoss = {"val_loss", "final_val_loss"};
  constexpr std::array<std::string_view, 4> kBytes = {"artifact_bytes", "bytes_total", "total_bytes",
                                                      "artifact_size_bytes"};
  constexpr std::array<std::string_view, 3> kSteps = {"steps", "step_stop", "train_steps"};
  SeedClaim claim{.seed = seed, .line = line};
  if (value.is_number()) {
    claim.bpb = value.as_double();
  } else if (value.is_object()) {
    claim.bpb = plain_number(first_of(value, kBpb));
    claim.loss = plain_number(first_of(value, kLoss));
    claim.bytes = whole(first_of(value, kBytes));
    claim.steps = whole(first_of(value, kSteps));
  } else {
    return;
  }
  seeds_.push_back(claim);
}

void SubmissionRecord::find_seeds() {
  for (const std::string_view key : {"seed_results", "seeds", "per_seed", "results_per_seed"}) {
    const Json* list = root_.find(key);
    if (list == nullptr || !seeds_.empty()) continue;
    if (list->is_object()) {
      for (const auto& [name, value] : list->as_object()) {
        if (seeds_.size() == kMostSeeds) return;
        if (const auto seed = seed_from_key(name)) add_seed(*seed, value, line_of(name));
      }
    } else if (list->is_array()) {
      for (const Json& value : list->as_array()) {
        if (seeds_.size() == kMostSeeds) return;
        const std::optional<int64_t> seed = value.is_object() ? whole(value.find("seed")) : std::nullopt;
        if (seed) add_seed(*seed, value, line_of(key));
      }
    }
  }
}

}  // namespace golf
