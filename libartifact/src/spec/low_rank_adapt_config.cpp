#include "golf/artifact/spec/low_rank_adapt_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr int64_t kMostTokens = int64_t{1} << 31;

void require_share(std::string_view field, double value) {
  require(value >= 0 && value < 1, field, fmt::format("{} is not from 0 to below 1", value));
}

void require_not_negative(std::string_view field, double value) {
  require(std::isfinite(value) && value >= 0, field, "must be a number, 0 or more");
}

void validate_sites(const std::vector<std::string>& sites) {
  constexpr std::string_view kField = "adapt.low_rank.sites";
  require(!sites.empty(), kField,
          fmt::format("names no place to learn at: choose of {}", fmt::join(kAdapterSiteNames, ", ")));
  for (const std::string& site : sites) {
    const bool known =
        std::find(kAdapterSiteNames.begin(), kAdapterSiteNames.end(), site) != kAdapterSiteNames.end();
    require(known, kField, fmt::format("\"{}\" is not one of: {}", site, fmt::join(kAdapterSiteNames, ", ")));
    require(std::count(sites.begin(), sites.end(), site) == 1, kField,
            fmt::format("\"{}\" stands there twice", site));
  }
}

void validate(const DocumentPlanConfig& config) {
  require_range("adapt.low_rank.documents.batch_documents", config.batch_documents, int64_t{1}, 1 << 20);
  require_range("adapt.low_rank.documents.context", config.context, int64_t{0}, kMostTokens);
  const auto check_chunk = [&](std::string_view field, int64_t chunk) {
    require_range(field, chunk, int64_t{1}, kMostTokens);
    require(config.context == 0 || chunk <= config.context, field,
            fmt::format("a chunk of {} tokens is longer than the context of {}", chunk, config.context));
  };
  check_chunk("adapt.low_rank.documents.chunk_tokens", config.chunk_tokens);
  int64_t previous = 0;
  for (const ChunkLengthRule& rule : config.chunk_by_length) {
    check_chunk("adapt.low_rank.documents.chunk_by_length", rule.chunk);
    require(rule.max_length > previous, "adapt.low_rank.documents.chunk_by_length",
            fmt::format("max_length {} does not follow {}: must ascend", rule.max_length, previous));
    previous = rule.max_length;
  }
}

void validate(const PhaseAdaptConfig& config) {
  require_range("adapt.low_rank.phases.documents", config.documents, int64_t{1}, kMostTokens);
  require_range("adapt.low_rank.phases.phases", config.phases, int64_t{1}, config.documents);
  require_range("adapt.low_rank.phases.chunk_tokens", config.chunk_tokens, int64_t{1}, kMostTokens);
  require_range("adapt.low_rank.phases.epochs", config.epochs, int64_t{1}, 1 << 20);
  require_not_negative("adapt.low_rank.phases.lr", config.lr);
  require_share("adapt.low_rank.phases.momentum", config.momentum);
  require_not_negative("adapt.low_rank.phases.grad_clip_norm", config.grad_clip_norm);
  require_range("adapt.low_rank.phases.batch_seqs", config.batch_seqs, int64_t{1}, 1 << 20);
}

}  // namespace

void describe(JsonFields& fields, ChunkLengthRule& rule) {
  fields.field("max_length", rule.max_length);
  fields.field("chunk_tokens", rule.chunk);
}

void describe(JsonFields& fields, DocumentPlanConfig& config) {
  fields.field("batch_documents", config.batch_documents);
  fields.field("chunk_tokens", config.chunk_tokens);
  fields.field("context", config.context);
  fields.list("chunk_by_length", config.chunk_by_length);
}

void describe(JsonFields& fields, PhaseAdaptConfig& config) {
  fields.field("documents", config.documents);
  fields.field("phases", config.phases);
  fields.field("chunk_tokens", config.chunk_tokens);
  fields.field("epochs", config.epochs);
  fields.field("lr", config.lr);
  fields.field("momentum", config.momentum);
  fields.field("grad_clip_norm", config.grad_clip_norm);
  fields.field("batch_seqs", config.batch_seqs);
}

void describe(JsonFields& fields, LowRankAdaptConfig& config) {
  static constexpr std::array<EnumName<AdapterDraw>, 2> kDraws = {
      {{AdapterDraw::kTorch, "torch"}, {AdapterDraw::kCounter, "counter"}}};
  fields.field("sites", config.sites);
  fields.field("rank", config.rank);
  fields.field("alpha", config.alpha);
  fields.enumeration<AdapterDraw>("draw", config.draw, kDraws);
  fields.field("seed", config.seed);
  fields.field("keep_a", config.keep_a);
  fields.field("lr", config.lr);
  fields.field("beta1", config.beta1);
  fields.field("beta2", config.beta2);
  fields.field("eps", config.eps);
  fields.field("weight_decay", config.weight_decay);
  fields.field("grad_steps", config.grad_steps);
  fields.section("documents", config.documents);
  fields.section("phases", config.phases);
}

void validate(const LowRankAdaptConfig& config) {
  validate_sites(config.sites);
  require_range("adapt.low_rank.rank", config.rank, int64_t{1}, 1 << 20);
  require(std::isfinite(config.alpha), "adapt.low_rank.alpha", "must be a number");
  require_not_negative("adapt.low_rank.lr", config.lr);
  require_share("adapt.low_rank.beta1", config.beta1);
  require_share("adapt.low_rank.beta2", config.beta2);
  require(std::isfinite(config.eps) && config.eps > 0, "adapt.low_rank.eps", "must be a number above 0");
  require_not_negative("adapt.low_rank.weight_decay", config.weight_decay);
  require_range("adapt.low_rank.grad_steps", config.grad_steps, int64_t{1}, 1 << 20);
  validate(config.documents);
  if (config.phases) validate(*config.phases);
}

LowRankAdaptConfig low_rank_preset(std::string_view name) {
  LowRankAdaptConfig config;
  config.phases = PhaseAdaptConfig{};
  if (name == "pr1855" || name == "pr1945") return config;
  if (name == "pr1953" || name == "pr2014") {
    config.sites = {"k", "o", "mlp", "head"};
    config.lr = 0.75e-4;
  }
  if (name == "pr1953") return config;
  config.phases->phases = 1;
  if (name == "pr2014") {
    config.documents.batch_documents = 24;
    config.documents.chunk_by_length = {{.max_length = 256, .chunk = 8}, {.max_length = 2000, .chunk = 24}};
    return config;
  }
  if (name == "pr2135") {
    config.sites = {"q", "v", "o", "mlp", "head"};
    config.lr = 8e-5;
    config.weight_decay = 2.0;
    return config;
  }
  fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" adapts no documents", name));
}

}  // namespace golf
