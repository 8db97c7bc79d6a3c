#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string_view>

#include "golf/artifact/spec/low_rank_adapt_config.h"

namespace golf {

/// Where an adapter adds to the model. x is what it reads, y what it adds to.
///   kQuery, kKey, kValue  x the block's normed input, y the projection, before heads are split
///   kAttention            x the block's normed input, y attention's output after its output matrix
///   kMlp                  x the MLP's normed input, y the MLP's output
///   kHead                 x the hidden state, y the logits before the softcap
/// Source: docs/SUBMISSIONS.md, PR 1855, Evaluation.
enum class AdapterSite { kQuery, kKey, kValue, kAttention, kMlp, kHead };
/// "q", "k", "v", "o", "mlp", "head".
constexpr std::string_view site_name(AdapterSite site) {
  return kAdapterSiteNames[static_cast<size_t>(site)];
}

/// Something that learns beside a model and adds to its projections while the model runs. One forward pass
/// is given it (Decoder::hidden, logits), so passes with different adapters may run side by side.
class Adapter {
 public:
  virtual ~Adapter() = default;

  /// y [B, T, out] with the adapter's own part added, or y itself.
  /// @param call  of the layer plan, so that a block that runs several times has an adapter each time; −1
  ///        for the head
  virtual torch::Tensor add(AdapterSite site, int64_t call, const torch::Tensor& x_BTD,
                            const torch::Tensor& y_BTC) const = 0;
};

}  // namespace golf
