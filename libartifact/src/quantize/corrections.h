#pragma once

#include <optional>
#include <span>
#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/stored_model.h"

// What PR 1855 and its descendants choose among all tensors: which get a low-rank correction, and which
// groups of columns get finer scales. Source: docs/SUBMISSIONS.md, PR 1855 and PR 2135, Artifact.
namespace golf {

/// A matrix whose columns may get finer scales.
struct FineCandidate {
  std::span<const float> weights = {};    ///< [rows, columns]
  std::span<const float> input_rms = {};  ///< [columns]: root mean square of each input
};

/// For each candidate the groups of columns that get finer scales, highest score first; nothing for most. A
/// group's score is the float32 sum of its columns' mean |weight| times input_rms. Only whole groups, aligned
/// to their size, take part; among equal scores the earlier candidate and the lower group win.
std::vector<std::optional<FineColumns>> choose_fine_columns(std::span<const FineCandidate> candidates,
                                                            int64_t groups, int64_t group_size);

/// A stored matrix and its weights.
struct CorrectionCandidate {
  StoredTensor* stored = nullptr;
  std::span<const float> weights = {};
};

/// Gives the `tensors` candidates with the largest errors (Frobenius norm in float32, the first among equals,
/// no error of 0) a low-rank correction of their errors.
void add_low_rank_corrections(std::span<const CorrectionCandidate> candidates, int64_t tensors, int64_t rank,
                              int64_t group, int threads);

}  // namespace golf
