#include "encode/golf/companion_search.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "encode/golf/fixed_math.h"
#include "encode/golf/shape_table.h"

namespace golf {
namespace {

constexpr size_t kProbedColumns = 64;
constexpr size_t kProbedRows = 1024;
constexpr size_t kLeastRows = 32;
constexpr int kSharedMemory = kMemories;
/// So many standard deviations of what chance gives.
constexpr int64_t kLeastScore = 6;

/// Some of a plane's columns over some of its rows, each column in 1/16 of its root mean square.
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
  const PlaneSource& plane;
  const PlaneSource& companion;
};

std::vector<int32_t> correlations(const Pair& pair, const Relation& relation, const ProbedRows& rows) {
  const PlaneModel model{.view = pair.plane.view(relation.transposed), .companion = relation.companion};
  const PlaneModel self{.view = model.view, .companion = {.transposed = relation.transposed}};
  const CompanionRows own(pair.plane, self);
  const CompanionRows others(pair.companion, model);
  return correlations(probe(rows, own.columns(), [&](size_t r, size_t c) { return own.value(r, c); }),
                      probe(rows, others.columns(), [&](size_t r, size_t c) { return others.value(r, c); }),
                      rows.count);
}

/// Σ of the products of both pairs' correlations, in 1/2^10.
int64_t likeness(const std::vector<int32_t>& a, const std::vector<int32_t>& b) {
  int64_t sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += int64_t{a[i]} * b[i];
  return sum >> 18;
}

/// Rows of a companion that may belong together, if it has fewer rows.
std::vector<uint32_t> groups_of(size_t companion_rows, size_t rows) {
  if (companion_rows == rows) return {1};
  std::vector<uint32_t> groups;
  for (uint32_t group = 4; group <= companion_rows && group <= 1024; ++group) {
    if (companion_rows % group == 0) groups.push_back(group);
  }
  return groups;
}

/// Every way in which rows of one may go with rows of the other.
std::vector<Relation> possible_relations(const PlaneSource& plane, const PlaneSource& other, int back) {
  std::vector<Relation> relations;
  for (const bool transposed : {false, true}) {
    for (const bool companion_transposed : {false, true}) {
      const PlaneView own = plane.view(transposed);
      const PlaneView others = other.view(companion_transposed);
      if (own.rows < kLeastRows || own.columns < 8 || others.columns < 8) continue;
      if (!may_accompany(others, 1, own)) continue;
      for (const uint32_t group : groups_of(others.rows, own.rows)) {
        relations.push_back({transposed, {back, companion_transposed, group}});
      }
    }
  }
  return relations;
}

/// How much the relation repeats itself in another pair, or in the other half of the rows: chance gives 0
/// with a standard deviation of at most kProbedColumns · 2^10.
int64_t score_of(const Pair& pair, const std::optional<Pair>& like, const Relation& relation) {
  const size_t count = std::min(pair.plane.view(relation.transposed).rows, kProbedRows);
  if (like) {
    const ProbedRows all{0, 1, count};
    return likeness(correlations(pair, relation, all), correlations(*like, relation, all)) *
           static_cast<int64_t>(count);
  }
  const ProbedRows even{0, 2, count / 2};
  const ProbedRows odd{1, 2, count / 2};
  return likeness(correlations(pair, relation, even), correlations(pair, relation, odd)) *
         static_cast<int64_t>(count / 2);
}

/// What the plane is best related to, and how well.
struct Found {
  std::optional<Relation> relation = {};
  int64_t score = 0;
};

Found find_relation(std::span<const PlaneSource> planes, size_t index) {
  const PlaneSource& plane = planes[index];
  Found best;
  for (size_t back = 1; back <= std::min<size_t>(index, kMaxCompanionBack); ++back) {
    const PlaneSource& other = planes[index - back];
    // The same pair in another layer: the next, else the one before.
    std::optional<Pair> like;
    for (size_t i = back; i < planes.size(); ++i) {
      if (i == index || planes[i].natural != plane.natural || planes[i - back].natural != other.natural)
        continue;
      like.emplace(Pair{planes[i], planes[i - back]});
      if (i > index) break;
    }
    for (const Relation& relation : possible_relations(plane, other, static_cast<int>(back))) {
      const int64_t score = score_of({plane, other}, like, relation);
      if (score >= kLeastScore * static_cast<int64_t>(kProbedColumns << 10) && score > best.score) {
        best = {relation, score};
      }
    }
  }
  return best;
}

/// The last memory serves planes without companion whose columns are as many as those of two others.
void share_columns(std::span<const PlaneSource> planes, std::vector<std::optional<Relation>>& relations) {
  std::map<size_t, std::vector<size_t>> by_columns;
  for (size_t i = 0; i < planes.size(); ++i) {
    const auto [rows, columns] = planes[i].natural;
    if (!relations[i] && rows >= kLeastRows && columns >= kLeastRows) by_columns[columns].push_back(i);
  }
  for (const auto& [columns, alike] : by_columns) {
    if (alike.size() < 3) continue;
    for (const size_t i : alike) relations[i] = Relation{.memory = kSharedMemory};
  }
}

}  // namespace

std::vector<std::optional<Relation>> find_relations(std::span<const PlaneSource> planes) {
  using Key = std::tuple<bool, int, bool, uint32_t, size_t, size_t>;
  struct Chain {
    int64_t score = 0;
    std::vector<size_t> planes = {};
  };
  std::map<Key, Chain> chains;
  std::vector<std::optional<Relation>> relations;
  for (size_t i = 0; i < planes.size(); ++i) {
    const Found found = find_relation(planes, i);
    relations.push_back(found.relation);
    if (!found.relation) continue;
    const auto& [transposed, companion, memory] = *found.relation;
    Chain& chain = chains[Key(transposed, companion.back, companion.transposed, companion.group,
                              planes[i].natural.rows, planes[i].natural.columns)];
    chain.score += found.score;
    chain.planes.push_back(i);
  }
  for (int memory = 1; memory < kSharedMemory && !chains.empty(); ++memory) {
    const auto strongest = std::max_element(chains.begin(), chains.end(), [](const auto& a, const auto& b) {
      return a.second.score < b.second.score;
    });
    for (const size_t i : strongest->second.planes) relations[i]->memory = memory;
    chains.erase(strongest);
  }
  share_columns(planes, relations);
  return relations;
}

}  // namespace golf
