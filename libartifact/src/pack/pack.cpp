#include "golf/artifact/pack/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>
#include <set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/python_decoder.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "pack/quantizing.h"
#include "pack/verify.h"

namespace golf {
namespace {

/// The dictionary layout that a built-in recipe's artifacts have; empty when there is none.
std::string ptz_layout_of(const std::string& recipe_name) {
  for (const QuantRecipe& recipe : builtin_recipes()) {
    if (recipe.name == recipe_name) return recipe.ptz_layout;
  }
  return {};
}

bool keeps_values(const LoadedModel& model, const PackRequest& request) {
  return model.artifact && !asks_for_schemes(request);
}

/// Without this check a dropped tensor would show only when the artifact is loaded.
void check_complete(const Artifact& artifact) {
  if (!artifact.info.spec) return;
  std::set<std::string> stored;
  for (const StoredTensor& tensor : artifact.model.tensors) stored.insert(tensor.name);
  for (const std::string& name : tensor_names(artifact.info.spec->model)) {
    if (stored.contains(name)) continue;
    fail(ErrorCode::kInvalidArgument,
         fmt::format("tensor \"{}\" is dropped, but the model configuration needs it: keep it, or give the "
                     "configuration without it by --model-config",
                     printable(name)));
  }
}

/// The stages of one packing of several.
ProgressSink numbered(const ProgressSink& sink, const int& packing) {
  if (!sink) return {};
  return [sink, &packing](const Progress& progress) {
    Progress stage = progress;
    stage.stage = fmt::format("fit {}: {}", packing, progress.stage);
    sink(stage);
  };
}

std::string_view fit_end_name(FitReport::End end) {
  switch (end) {
    case FitReport::End::kLanded:
      return "landed";
    case FitReport::End::kFinest:
      return "finest";
    case FitReport::End::kNearest:
      return "nearest";
    case FitReport::End::kTooLarge:
      return "too_large";
  }
  return "";
}

std::string_view gap_end_name(GapFit::End end) {
  switch (end) {
    case GapFit::End::kLanded:
      return "landed";
    case GapFit::End::kUnreachable:
      return "unreachable";
    case GapFit::End::kCoarsest:
      return "coarsest";
  }
  return "";
}

/// Makes one artifact as a request asks for it.
class Packing {
 public:
  Packing(const LoadedModel& model, const PackRequest& request) : model_(model), request_(request) {
    result_.artifact.info = packed_info(model, request);
    result_.budget = request.budget;
  }

  PackResult run() {
    if (keeps_values(model_, request_)) {
      result_.artifact.model = model_.artifact->model;
    } else {
      quantize();
    }
    check_complete(result_.artifact);
    if (request_.target.kind == PackTarget::Kind::kPrune) prune();
    if (!request_.emit_decoder.empty()) {
      result_.decoder = python_decoder(result_.artifact, request_.decoder_language);
      result_.budget.code.push_back({request_.emit_decoder, result_.decoder.size()});
    }
    if (result_.bytes.empty())
      result_.bytes = encode_requested(result_.artifact, request_, request_.progress);
    result_.budget.artifact_bytes = result_.bytes.size();
    result_.sizes = summarize_artifact(result_.bytes, "the new artifact").sizes;
    if (request_.verify) {
      TensorSet kept =
          decode_and_compare(result_.bytes, result_.artifact, request_.threads, request_.keep_weights);
      if (request_.keep_weights) result_.weights = std::move(kept);
      result_.verified = true;
    }
    return std::move(result_);
  }

 private:
  /// What the artifact may take.
  uint64_t artifact_limit() const {
    const BudgetReport& budget = request_.budget;
    return budget.limit_bytes - std::min(budget.code_bytes(), budget.limit_bytes);
  }

  /// Makes the candidate the artifact. Returns what it takes of the budget: its own bytes and those of the
  /// Python that reads it.
  uint64_t try_model(const StoredModel& candidate, const ProgressSink& progress) {
    result_.artifact.model = candidate;
    result_.bytes = encode_requested(result_.artifact, request_, progress);
    const uint64_t bytes = result_.bytes.size();
    return request_.emit_decoder.empty()
               ? bytes
               : bytes + python_decoder(result_.artifact, request_.decoder_language).size();
  }

  /// Settles on one of the models that were tried, not always the last.
  void settle(StoredModel model) {
    if (model == result_.artifact.model) return;
    result_.artifact.model = std::move(model);
    result_.bytes.clear();
  }

  void quantize() {
    int packing = 1;
    const bool fits_budget = request_.target.kind == PackTarget::Kind::kBudget;
    const ProgressSink progress = fits_budget ? numbered(request_.progress, packing) : request_.progress;
    const Quantizer quantizer = make_quantizer(model_, recipe_of(request_), request_, progress);
    if (request_.target.kind == PackTarget::Kind::kGap) {
      fit_gap(quantizer);
    } else if (fits_budget) {
      StoredModel model;
      result_.fit = fit_to_budget(
          quantizer, artifact_limit(),
          [&](const StoredModel& candidate) {
            const uint64_t bytes = try_model(candidate, progress);
            ++packing;
            return bytes;
          },
          model);
      settle(std::move(model));
    } else {
      result_.artifact.model = quantizer.quantize();
    }
    result_.predicted_gap_bpb = predicted_gap_bpb(quantizer, result_.artifact.model, request_);
  }

  void fit_gap(const Quantizer& quantizer) {
    const auto bytes_per_token =
        request_.calibration ? request_.calibration->bytes_per_token() : std::nullopt;
    if (!bytes_per_token) {
      fail(ErrorCode::kInvalidArgument,
           "a target for the quantization gap needs a calibration with gradients and bytes, as golf-eval "
           "writes it");
    }
    result_.gap_fit = fit_to_gap(quantizer, request_.target.gap_bpb * std::numbers::ln2 * *bytes_per_token,
                                 result_.artifact.model);
  }

  void prune() {
    StoredModel model = std::move(result_.artifact.model);
    result_.prune = prune_to_fit(model, artifact_limit(), [&](const StoredModel& candidate) {
      return try_model(candidate, request_.progress);
    });
    settle(std::move(model));
  }

  const LoadedModel& model_;
  const PackRequest& request_;
  PackResult result_;
};

}  // namespace

void add_packing(Json& json, const PackResult& result) {
  if (const auto& fit = result.fit) {
    json["fit"] = Json::object({{"step_scale", fit->step_scale},
                                {"probes", fit->probes},
                                {"nmse", fit->nmse},
                                {"float16_tensors", static_cast<uint64_t>(fit->float16_tensors)},
                                {"end", fit_end_name(fit->end)}});
  }
  if (const auto& fit = result.gap_fit) {
    json["gap_fit"] = Json::object(
        {{"step_scale", fit->step_scale}, {"probes", fit->probes}, {"end", gap_end_name(fit->end)}});
  }
  if (result.predicted_gap_bpb) json["predicted_gap_bpb"] = *result.predicted_gap_bpb;
  if (const auto& prune = result.prune) {
    json["prune"] = Json::object({{"candidates", prune->candidates},
                                  {"zeroed", prune->zeroed},
                                  {"unpruned_bytes", prune->unpruned_bytes},
                                  {"pruned_bytes", prune->pruned_bytes}});
  }
  json["verified"] = result.verified;
}

bool asks_for_schemes(const PackRequest& request) {
  return request.recipe || !request.overrides.empty() || request.calibration || request.target.tunes_steps();
}

ArtifactInfo packed_info(const LoadedModel& model, const PackRequest& request) {
  if (!keeps_values(model, request)) return quantized_info(model, recipe_of(request), request);
  ArtifactInfo info = model.artifact->info;
  info.format = request.format;
  info.spec = model.spec;
  if (request.codec) {
    info.codec = *request.codec;
  } else if (info.codec.level == CodecSpec::kUnknownLevel) {
    info.codec = parse_codec(codec_row(info.codec.id).name);
  }
  if (!request.ptz_layout.empty()) info.ptz_layout = request.ptz_layout;
  if (info.ptz_layout.empty()) info.ptz_layout = ptz_layout_of(info.recipe);
  if (request.byte_shuffle) info.ptz_byte_shuffle = *request.byte_shuffle;
  info.python_readable = !request.emit_decoder.empty();
  info.provenance = provenance_of(model, request);
  return info;
}

PackResult pack(const LoadedModel& model, const PackRequest& request) {
  return Packing(model, request).run();
}

}  // namespace golf
