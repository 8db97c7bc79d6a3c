#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "encode/golf/fixed_math.h"
#include "encode/golf/linear_predictor.h"
#include "encode/golf/moments.h"
#include "encode/golf/plane_model.h"
#include "encode/golf/shape_table.h"

namespace golf {

/// A plane's values, row-major. Borrowed.
struct PlaneSource {
  std::span<const int8_t> values = {};
  PlaneView natural = {};
  std::vector<int> row_logs =
      {};  ///< logarithms of its natural rows' sizes, in 1/1024, scales counted if known

  PlaneView view(bool transposed) const {
    return transposed ? PlaneView{natural.columns, natural.rows} : natural;
  }
};

/// What a plane's prediction may lean on: the planes before it in the stream, and what was learnt on them.
struct PlaneHistory {
  std::vector<PlaneSource> planes = {};
  std::array<Moments, kMemories + 1> memories = {};  ///< by PlaneModel::memory; the first stays empty

  /// The plane's companion; nullptr when there are not as many planes.
  const PlaneSource* companion(const PlaneModel& model) const {
    const auto back = static_cast<size_t>(model.companion.back);
    return back == 0 || back > planes.size() ? nullptr : &planes[planes.size() - back];
  }
  /// What the plane's memory has, less what it forgets; nothing if that is of other planes. `given`: columns
  /// of the companion.
  Moments starting_moments(const PlaneModel& model, size_t given) const;
};

/// Whether a plane in such a view may be predicted from a companion in such a view: rows must go with rows,
/// and be enough for what learning costs.
inline bool may_accompany(const PlaneView& companion, uint32_t group, const PlaneView& plane) {
  return companion.rows > 0 && plane.rows % companion.rows == 0 && companion.rows % group == 0 &&
         companion.columns <= LinearPredictor::kMaxColumns && plane.columns <= LinearPredictor::kMaxColumns &&
         8 * plane.rows >= companion.columns + plane.columns;
}

/// Rows are learnt from in units of their scale: values of theirs are brought to 32 units for one.
inline constexpr int kLevelUnitLog = 5;
inline int level_scale(int log) { return std::clamp(log + 3 * kScalesPerOctave, 0, kScaleCount - 1); }
inline int16_t levelled(int value, int scale) {
  const int32_t inverse = scale_table().inverse_q15[static_cast<size_t>(scale)];
  return static_cast<int16_t>(std::clamp((value * inverse) >> (15 - kLevelUnitLog), -1'023, 1'023));
}

/// The rows of an earlier plane that go with those of a plane. Where it has fewer, groups of them serve
/// several times, one after another: rows of a group belong to one attention head.
class CompanionRows {
 public:
  /// Borrows both. The companion's rows divide the plane's, the group those.
  CompanionRows(const PlaneSource& source, const PlaneModel& model)
      : source_(source),
        companion_(model.companion),
        view_(source.view(model.companion.transposed)),
        repeats_(model.view.rows / view_.rows) {}

  size_t columns() const { return view_.columns; }
  size_t row_of(size_t row) const {
    const size_t group = companion_.group;
    return row / (group * repeats_) * group + row % group;
  }
  int8_t value(size_t row, size_t column) const {
    const size_t own = row_of(row);
    return source_.values[companion_.transposed ? column * view_.rows + own : own * view_.columns + column];
  }
  /// Column by column, each row in 1/kLevelUnit of its root mean square.
  void gather(size_t first_row, size_t rows, std::span<int16_t> block) const {
    for (size_t r = 0; r < rows; ++r) {
      uint64_t squares = 1;
      for (size_t c = 0; c < columns(); ++c) {
        const int16_t number = block[c * rows + r] = value(first_row + r, c);
        squares += static_cast<uint64_t>(number * number);
      }
      const int scale = level_scale((log2_q16(squares) - log2_q16(columns())) >> 13);
      for (size_t c = 0; c < columns(); ++c) block[c * rows + r] = levelled(block[c * rows + r], scale);
    }
  }

 private:
  const PlaneSource& source_;
  Companion companion_;
  PlaneView view_;
  size_t repeats_;
};

/// What the companion says of a plane's rows' scales, in sixteenths of an octave around 0; nothing if the
/// gain is 0, or the companion transposed or not there.
std::vector<int> row_hints(const PlaneModel& model, const PlaneHistory& history);

}  // namespace golf
