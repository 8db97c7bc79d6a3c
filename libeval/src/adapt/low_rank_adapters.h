#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "golf/artifact/spec/low_rank_adapt_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/eval/processes.h"
#include "golf/model/adapter.h"
#include "golf/model/decoder.h"

// Shapes: N documents, r rank, "in" and "out" the widths of a projection.

namespace golf {

/// What AdamW keeps of a tensor; both are 0 at first, and the first is not kept with beta1 = 0.
struct AdamMoments {
  at::Tensor mean, square;
};

/// One adapter of every document of a batch.
struct AdapterMatrices {
  AdapterSite site;
  int64_t call;  ///< of the layer plan; −1 for the head
  at::Tensor a_NRI, b_NOR;
  AdamMoments a_moments, b_moments;
};

/// The low-rank adapters of N documents: one at each of the configured sites of each call of the layer plan,
/// and at the head. float32 on the model's device.
class LowRankAdapters {
 public:
  /// B is 0, A drawn: the head's first, then q, v, k, mlp and o, each call after call, as PR 1855 draws them.
  /// @param set  how many sets were made before this one
  LowRankAdapters(Decoder& model, const LowRankAdaptConfig& config, int64_t documents, int64_t set,
                  at::Generator& generator);

  int64_t documents() const { return documents_; }
  /// Begins another group of documents: B, the moments and the count of updates become 0; A stays.
  void reset();
  /// Counts an update, before step() applies it to each document.
  void begin_update() { ++updates_; }
  /// AdamW on the documents [first, first + count). `gradients` are those of BatchAdapters::leaves(); an
  /// undefined one, and no gradients at all, count as 0. Calls for different documents may run side by side.
  /// @return the sum of the gradients' squares
  double step(int64_t first, int64_t count, const std::vector<at::Tensor>& gradients);
  /// Adds all to `state`, under names that begin with `prefix`. Of several processes each has learned
  /// the documents that `is_own` is true for: all must call at once, and get all.
  void add_to(TensorSet& state, const std::string& prefix, const EvalProcesses& processes,
              const std::function<bool(int64_t document)>& is_own) const;
  /// @throws Error kMismatch when `state` has no such adapters of this shape
  void restore(const TensorSet& state, const std::string& prefix);

  const std::vector<AdapterMatrices>& matrices() const { return matrices_; }
  const LowRankAdaptConfig& config() const { return config_; }
  double scale() const { return config_.alpha / static_cast<double>(config_.rank); }

 private:
  LowRankAdaptConfig config_;
  int64_t documents_;
  int64_t updates_ = 0;
  std::vector<AdapterMatrices> matrices_;
};

/// The adapters of consecutive documents, for forward passes over rows of which each is one of them.
class BatchAdapters : public Adapter {
 public:
  /// @param learns  whether the pass shall have gradients of leaves()
  BatchAdapters(const LowRankAdapters& adapters, int64_t first, int64_t count, bool learns);

  at::Tensor add(AdapterSite site, int64_t call, const at::Tensor& x_BTD,
                 const at::Tensor& y_BTC) const override;
  /// A and B of each adapter, in the order of LowRankAdapters::matrices().
  const std::vector<at::Tensor>& leaves() const { return leaves_; }

 private:
  double scale_;
  std::vector<at::Tensor> leaves_;
  std::map<std::pair<AdapterSite, int64_t>, size_t> first_leaf_;
};

}  // namespace golf
