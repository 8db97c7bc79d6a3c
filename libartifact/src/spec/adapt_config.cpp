#include "golf/artifact/spec/adapt_config.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/name_or_path.h"
#include "golf/artifact/base/name_pattern.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/spec/adapt_setting.h"

namespace golf {
namespace {

constexpr int64_t kMost = int64_t{1} << 31;

void validate(const SgdAdaptConfig& config) {
  require_range("adapt.sgd.chunk_tokens", config.chunk_tokens, 1, kMost);
  require_range("adapt.sgd.epochs", config.epochs, 0, 1 << 20);
  require(std::isfinite(config.lr) && config.lr >= 0, "adapt.sgd.lr", "must be a number, 0 or more");
  require(config.momentum >= 0 && config.momentum < 1, "adapt.sgd.momentum",
          fmt::format("{} is not from 0 to below 1", config.momentum));
  require(std::isfinite(config.grad_clip_norm) && config.grad_clip_norm >= 0, "adapt.sgd.grad_clip_norm",
          "must be a number, 0 or more");
  require_range("adapt.sgd.batch_seqs", config.batch_seqs, 1, 1 << 20);
  for (const std::string& pattern : {config.weights, config.frozen}) NamePattern{pattern};
}

}  // namespace

void describe(JsonFields& fields, SgdAdaptConfig& config) {
  fields.field("chunk_tokens", config.chunk_tokens);
  fields.field("epochs", config.epochs);
  fields.field("lr", config.lr);
  fields.field("momentum", config.momentum);
  fields.field("grad_clip_norm", config.grad_clip_norm);
  fields.field("batch_seqs", config.batch_seqs);
  fields.field("weights", config.weights);
  fields.field("frozen", config.frozen);
}

void describe(JsonFields& fields, AdaptConfig& config) {
  fields.section("sgd", config.sgd);
  fields.section("low_rank", config.low_rank);
}

void validate(const AdaptConfig& config) {
  require(config.sgd.has_value() != config.low_rank.has_value(), "adapt",
          "must have one learner: give it a section \"sgd\" or a section \"low_rank\"");
  if (config.sgd) validate(*config.sgd);
  if (config.low_rank) validate(*config.low_rank);
}

std::span<const AdaptPreset> adapt_presets() {
  static const std::vector<AdaptPreset> presets = {
      {"pr1493",
       "PR 1493: gradient descent on all weights, 32,768 tokens a chunk, 3 epochs",
       {.sgd = SgdAdaptConfig{}}},
      {"pr1855",
       "PR 1855: low-rank adapters by document, 64 at a time, and three phases on all weights",
       {.low_rank = low_rank_preset("pr1855")}},
      {"pr1945", "PR 1945: as pr1855", {.low_rank = low_rank_preset("pr1945")}},
      {"pr1953", "PR 1953: no adapters at q and v", {.low_rank = low_rank_preset("pr1953")}},
      {"pr2014",
       "PR 2014: shorter chunks in short documents, one phase",
       {.low_rank = low_rank_preset("pr2014")}},
      {"pr2135", "PR 2135: no adapters at k, one phase", {.low_rank = low_rank_preset("pr2135")}},
  };
  return presets;
}

void set_adapt_value(AdaptConfig& config, std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const size_t dot = assignment.find('.');
  if (equals == std::string_view::npos || dot == std::string_view::npos || dot == 0 || dot + 1 >= equals) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("\"{}\" is not of the form SECTION.KEY=VALUE", printable(assignment)));
  }
  Json value;
  try {
    value = parse_json(assignment.substr(equals + 1), "value");
  } catch (const Error&) {
    value = Json(assignment.substr(equals + 1));  // a bare word
  }
  Json json = to_json(config);
  json[assignment.substr(0, dot)][assignment.substr(dot + 1, equals - dot - 1)] = std::move(value);
  config = from_json<AdaptConfig>(json, "adapt");
}

AdaptConfig load_adapt_config(const std::string& name_or_path) {
  std::vector<std::string> names;
  for (const AdaptPreset& preset : adapt_presets()) names.emplace_back(preset.name);
  if (const auto preset = resolve_name_or_path(name_or_path, names, "adaptation")) {
    return adapt_presets()[*preset].config;
  }
  AdaptConfig config = from_json<AdaptConfig>(read_json_file(name_or_path), name_or_path);
  try {
    validate(config);
  } catch (const Error& error) {
    fail_within(name_or_path, error);
  }
  return config;
}

}  // namespace golf
