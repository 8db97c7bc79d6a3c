#pragma once

#include <ATen/ATen.h>

#include <span>
#include <vector>

#include "adapt/low_rank_adapters.h"
#include "golf/eval/score_tokens.h"
#include "golf/model/decoder.h"

namespace golf {

/// What one pass over a document's window gives.
struct DocumentPass {
  TokenScores scores = {};
  double loss = 0;                         ///< nats a token, over what is scored
  std::vector<at::Tensor> gradients = {};  ///< of the loss by DocumentAdapters::leaves(); when it learns
};

/// Runs the model over a window of the stream, with the document's adapters unless they are null. With
/// `learns` the pass that scores is also differentiated, by the adapters alone: the model's weights must not
/// require gradients (FrozenWeights). Passes may run side by side.
DocumentPass pass_document(Decoder& model, std::span<const uint16_t> stream, const Window& window,
                           const DocumentAdapters* adapters, bool learns, const ScoreOptions& options);

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
