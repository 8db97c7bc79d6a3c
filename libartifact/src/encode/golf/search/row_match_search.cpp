#include <algorithm>
#include <array>
#include <cstdlib>

#include "encode/golf/fixed_math.h"
#include "encode/golf/search/residuals.h"

namespace golf {
namespace {

constexpr size_t kCandidates = 8;
constexpr uint64_t kGainBitsQ16 = uint64_t{4} << 16;  ///< for the gain and for saying that there is another

int32_t match_dot(const int16_t* a, const int16_t* b, size_t count) {
  int32_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += int32_t{a[i]} * int32_t{b[i]};
  return sum;
}

struct Candidate {
  uint32_t row = 0;
  int32_t similarity = 0;  ///< |dot product| of the probed columns
};
using Candidates = std::array<Candidate, kCandidates>;

/// Keeps the most similar, best first.
void offer(Candidates& kept, uint32_t row, int32_t similarity) {
  if (similarity <= kept.back().similarity) return;
  size_t place = kCandidates - 1;
  for (; place > 0 && kept[place - 1].similarity < similarity; --place) kept[place] = kept[place - 1];
  kept[place] = {row, similarity};
}

/// One row's choice: subtracts what each match explains and continues with the rest.
class RowPursuit {
 public:
  RowPursuit(const WhitenedRows& rows, size_t row)
      : rows_(rows), row_(row), rest_(rows.row(row), rows.row(row) + rows.columns) {}

  /// The best of the candidates, if it saves more than `side_bits_q16`.
  bool take_best(std::span<const Candidate> candidates, uint64_t side_bits_q16, RowMatch& best) {
    const size_t columns = rows_.columns;
    const auto energy = std::max<int64_t>(1, match_dot(rest_.data(), rest_.data(), columns));
    int64_t least = energy;
    for (const Candidate& candidate : candidates) {
      if (candidate.similarity == 0) continue;
      const int16_t* other = rows_.row(candidate.row);
      const int64_t product = match_dot(rest_.data(), other, columns);
      const int64_t square = match_dot(other, other, columns);
      if (square == 0) continue;
      // In whitened units the gain is product / square; in the values' own, the rows' scales come in.
      const int64_t ratio = ratio_q16(row_, candidate.row);
      const int64_t gain = std::clamp<int64_t>((16 * product * ratio / square + (1 << 15)) >> 16, -16, 15);
      const int64_t whitened_q16 = (gain << 28) / ratio;
      const int64_t after =
          energy - (2 * whitened_q16 * product >> 16) + (whitened_q16 * (whitened_q16 * square >> 16) >> 16);
      if (gain != 0 && after < least) {
        least = after;
        best = {candidate.row, static_cast<int8_t>(gain)};
      }
    }
    if (least >= energy) return false;
    const int32_t saved = log2_q16(static_cast<uint64_t>(energy)) -
                          log2_q16(static_cast<uint64_t>(std::max<int64_t>(least, 1)));
    if (static_cast<uint64_t>(saved) * columns / 2 <= side_bits_q16) return false;
    const int64_t whitened_q16 = (int64_t{best.gain} << 28) / ratio_q16(row_, best.row);
    const int16_t* other = rows_.row(best.row);
    for (size_t c = 0; c < columns; ++c) {
      rest_[c] =
          static_cast<int16_t>(std::clamp<int64_t>(rest_[c] - (whitened_q16 * other[c] >> 16), -255, 255));
    }
    return true;
  }

 private:
  /// Scale of row a over that of row b.
  int64_t ratio_q16(size_t a, size_t b) const {
    const int difference = std::clamp(rows_.scale_logs[a] - rows_.scale_logs[b], -128, 128);
    return int64_t{exp2_negative(static_cast<uint64_t>(15 * 16 - difference) << 12)};
  }

  const WhitenedRows& rows_;
  size_t row_;
  std::vector<int16_t> rest_;
};

}  // namespace

void find_row_matches(const WhitenedRows& rows, int max_matches, size_t probe_columns, TensorModel& model) {
  const size_t columns = rows.columns;
  const size_t probed = std::min(columns, probe_columns);
  model.row_matches.clear();
  model.match_starts.assign(1, 0);
  for (size_t first = 0; first < rows.rows; first += model.block_rows()) {
    const size_t count = std::min(model.block_rows(), rows.rows - first);
    std::vector<Candidates> candidates(count);
    // A block of rows is compared with one earlier row at a time: the block stays in the cache.
    for (size_t earlier = 0; earlier < first; ++earlier) {
      const int16_t* other = rows.row(earlier);
      for (size_t r = 0; r < count; ++r) {
        const int32_t product = match_dot(rows.row(first + r), other, probed);
        offer(candidates[r], static_cast<uint32_t>(earlier), std::abs(product));
      }
    }
    const uint64_t side_bits =
        (static_cast<uint64_t>(std::bit_width(std::max<size_t>(first, 1) - 1)) << 16) + kGainBitsQ16;
    for (size_t r = 0; r < count; ++r) {
      RowPursuit pursuit(rows, first + r);
      RowMatch match;
      for (int i = 0; i < max_matches; ++i) {
        if (!pursuit.take_best(candidates[r], side_bits, match)) break;
        model.row_matches.push_back(match);
      }
      model.match_starts.push_back(static_cast<uint32_t>(model.row_matches.size()));
    }
  }
  model.has_row_matches = !model.row_matches.empty();
}

}  // namespace golf
