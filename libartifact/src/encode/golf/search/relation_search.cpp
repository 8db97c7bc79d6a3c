#include <algorithm>
#include <map>
#include <tuple>

#include "encode/golf/fixed_math.h"
#include "encode/golf/search/model_search.h"

namespace golf {
namespace {

constexpr size_t kProbedColumns = 64;
constexpr size_t kProbedRows = 1024;
constexpr size_t kLeastRows = 32;
constexpr int kSharedSlot = kStatisticsSlots;
/// In standard deviations of what chance gives.
constexpr int64_t kLeastScore = 6;

/// Some of a tensor's columns over some of its rows, each column in 1/16 of its root mean square.
/// [columns, rows].
using Probe = std::vector<int16_t>;

struct ProbedRows {
  size_t first = 0;
  size_t step = 1;
  size_t count = 0;
};

/// `value(row, column)`.
template <class Value>
Probe probe(const ProbedRows& rows, size_t columns, Value&& value) {
  const size_t kept = std::min(columns, kProbedColumns);
  Probe result(kept * rows.count);
  for (size_t c = 0; c < kept; ++c) {
    int16_t* column = &result[c * rows.count];
    uint64_t squares = 1;
    for (size_t r = 0; r < rows.count; ++r) {
      column[r] = value(rows.first + r * rows.step, c * columns / kept);
      squares += static_cast<uint64_t>(column[r] * column[r]);
    }
    // Root mean square as a scale's index; 2^(3 − s/16) in Q15 is one over it.
    const int log = (log2_q16(squares) - log2_q16(rows.count)) >> 13;
    const int32_t inverse =
        scale_table().inverse_q15[static_cast<size_t>(std::clamp(log + 48, 0, kScaleCount - 1))];
    for (size_t r = 0; r < rows.count; ++r) {
      column[r] = static_cast<int16_t>(std::clamp((column[r] * inverse) >> 11, -127, 127));
    }
  }
  return result;
}

/// Correlation of each column of one with each of the other, in 1/2^14.
std::vector<int32_t> correlations(const Probe& a, const Probe& b, size_t rows) {
  std::vector<int32_t> result;
  for (size_t i = 0; i < a.size(); i += rows) {
    for (size_t j = 0; j < b.size(); j += rows) {
      int32_t sum = 0;
      for (size_t r = 0; r < rows; ++r) sum += int32_t{a[i + r]} * int32_t{b[j + r]};
      result.push_back(static_cast<int32_t>(int64_t{sum} * 64 / static_cast<int64_t>(rows)));
    }
  }
  return result;
}

struct Pair {
  const Int8Tensor& tensor;
  const Int8Tensor& reference;
};

std::vector<int32_t> correlations(const Pair& pair, const TensorRelation& relation, const ProbedRows& rows) {
  const TensorModel model{.view = pair.tensor.view(relation.transposed), .reference = relation.reference};
  const TensorModel self{.view = model.view, .reference = {.transposed = relation.transposed}};
  const ReferenceRows own(pair.tensor, self);
  const ReferenceRows others(pair.reference, model);
  return correlations(probe(rows, own.columns(), [&](size_t r, size_t c) { return own.value(r, c); }),
                      probe(rows, others.columns(), [&](size_t r, size_t c) { return others.value(r, c); }),
                      rows.count);
}

/// Σ of the products of both pairs' correlations, in 1/2^10.
int64_t agreement(const std::vector<int32_t>& a, const std::vector<int32_t>& b) {
  int64_t sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += int64_t{a[i]} * b[i];
  return sum >> 18;
}

/// Sizes of groups in which a reference tensor's rows may serve, if it has fewer rows.
std::vector<uint32_t> groups_of(size_t reference_rows, size_t rows) {
  if (reference_rows == rows) return {1};
  std::vector<uint32_t> groups;
  for (uint32_t group = 4; group <= reference_rows && group <= 1024; ++group) {
    if (reference_rows % group == 0) groups.push_back(group);
  }
  return groups;
}

/// Every way in which rows of one tensor may correspond to rows of the other.
std::vector<TensorRelation> possible_relations(const Int8Tensor& tensor, const Int8Tensor& other, int back) {
  std::vector<TensorRelation> relations;
  for (const bool transposed : {false, true}) {
    for (const bool reference_transposed : {false, true}) {
      const MatrixView own = tensor.view(transposed);
      const MatrixView others = other.view(reference_transposed);
      if (own.rows < kLeastRows || own.columns < 8 || others.columns < 8) continue;
      if (!may_follow(others, 1, own)) continue;
      for (const uint32_t group : groups_of(others.rows, own.rows)) {
        relations.push_back({transposed, {back, reference_transposed, group}});
      }
    }
  }
  return relations;
}

/// How much the relation repeats itself in another pair, or in the other half of the rows. Chance gives 0
/// with a standard deviation of at most kProbedColumns · 2^10.
int64_t score_of(const Pair& pair, const std::optional<Pair>& twin, const TensorRelation& relation) {
  const size_t count = std::min(pair.tensor.view(relation.transposed).rows, kProbedRows);
  if (twin) {
    const ProbedRows all{0, 1, count};
    return agreement(correlations(pair, relation, all), correlations(*twin, relation, all)) *
           static_cast<int64_t>(count);
  }
  const ProbedRows even{0, 2, count / 2};
  const ProbedRows odd{1, 2, count / 2};
  return agreement(correlations(pair, relation, even), correlations(pair, relation, odd)) *
         static_cast<int64_t>(count / 2);
}

/// The best relation of a tensor, and how good it is.
struct Found {
  std::optional<TensorRelation> relation = {};
  int64_t score = 0;
};

Found find_relation(std::span<const Int8Tensor> tensors, size_t index) {
  const Int8Tensor& tensor = tensors[index];
  Found best;
  for (size_t back = 1; back <= std::min<size_t>(index, kMaxReferenceBack); ++back) {
    const Int8Tensor& other = tensors[index - back];
    // The same pair in another layer: the next, else the one before.
    std::optional<Pair> twin;
    for (size_t i = back; i < tensors.size(); ++i) {
      if (i == index || tensors[i].natural != tensor.natural || tensors[i - back].natural != other.natural)
        continue;
      twin.emplace(Pair{tensors[i], tensors[i - back]});
      if (i > index) break;
    }
    for (const TensorRelation& relation : possible_relations(tensor, other, static_cast<int>(back))) {
      const int64_t score = score_of({tensor, other}, twin, relation);
      if (score >= kLeastScore * static_cast<int64_t>(kProbedColumns << 10) && score > best.score) {
        best = {relation, score};
      }
    }
  }
  return best;
}

/// The last slot serves tensors without reference tensor that have as many columns as two others.
void share_columns(std::span<const Int8Tensor> tensors,
                   std::vector<std::optional<TensorRelation>>& relations) {
  std::map<size_t, std::vector<size_t>> by_columns;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto [rows, columns] = tensors[i].natural;
    if (!relations[i] && rows >= kLeastRows && columns >= kLeastRows) by_columns[columns].push_back(i);
  }
  for (const auto& [columns, found] : by_columns) {
    if (found.size() < 3) continue;
    for (const size_t i : found) relations[i] = TensorRelation{.slot = kSharedSlot};
  }
}

}  // namespace

std::vector<std::optional<TensorRelation>> find_relations(std::span<const Int8Tensor> tensors) {
  using Key = std::tuple<bool, int, bool, uint32_t, size_t, size_t>;
  struct Chain {
    int64_t score = 0;
    std::vector<size_t> tensors = {};
  };
  std::map<Key, Chain> chains;
  std::vector<std::optional<TensorRelation>> relations;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Found found = find_relation(tensors, i);
    relations.push_back(found.relation);
    if (!found.relation) continue;
    const auto& [transposed, reference, slot] = *found.relation;
    Chain& chain = chains[Key(transposed, reference.back, reference.transposed, reference.group,
                              tensors[i].natural.rows, tensors[i].natural.columns)];
    chain.score += found.score;
    chain.tensors.push_back(i);
  }
  for (int slot = 1; slot < kSharedSlot && !chains.empty(); ++slot) {
    const auto strongest = std::max_element(chains.begin(), chains.end(), [](const auto& a, const auto& b) {
      return a.second.score < b.second.score;
    });
    for (const size_t i : strongest->second.tensors) relations[i]->slot = slot;
    chains.erase(strongest);
  }
  share_columns(tensors, relations);
  return relations;
}

}  // namespace golf
