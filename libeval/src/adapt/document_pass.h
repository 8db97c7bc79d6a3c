#pragma once

#include <ATen/ATen.h>

#include <span>
#include <vector>

#include "adapt/low_rank_adapters.h"
#include "golf/eval/score_tokens.h"
#include "golf/model/decoder.h"

namespace golf {

/// What one pass over windows of equal shape gives, one window of each document.
struct DocumentPass {
  TokenScores scores = {};
  std::vector<double> losses = {};         ///< of each document, nats a token, over what is scored
  std::vector<at::Tensor> gradients = {};  ///< of their sum, by BatchAdapters::leaves(); when it learns
};

/// Runs the model over windows of the stream, with the documents' adapters unless they are null. With
/// `learns` the pass that scores is also differentiated, by the adapters alone: the model's weights must not
/// require gradients (FrozenWeights). Passes may run side by side.
DocumentPass pass_documents(Decoder& model, std::span<const uint16_t> stream,
                            const std::vector<Window>& windows, const BatchAdapters* adapters, bool learns,
                            const ScoreOptions& options);

/// No weight of the model requires a gradient for as long as this lives.
class FrozenWeights {
 public:
  explicit FrozenWeights(Decoder& model);
  ~FrozenWeights();
  FrozenWeights(const FrozenWeights&) = delete;
  FrozenWeights& operator=(const FrozenWeights&) = delete;

 private:
  std::vector<at::Tensor> learning_;
};

}  // namespace golf
