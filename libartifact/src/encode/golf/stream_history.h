#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "encode/golf/tensor_model.h"

namespace golf {

/// An int8 tensor's values, row-major. Borrowed.
struct Int8Tensor {
  std::span<const int8_t> values = {};
  MatrixView natural = {};
  /// Logarithms of the norms of its natural rows, in 1/1024, times their scales if those are known.
  std::vector<int> row_logs = {};

  MatrixView view(bool transposed) const {
    return transposed ? MatrixView{natural.columns, natural.rows} : natural;
  }
};

/// What the prediction of a tensor may use of the stream so far: the int8 tensors before it, and the
/// statistics that they carried on.
struct StreamHistory {
  std::vector<Int8Tensor> tensors = {};
  std::array<Moments, kStatisticsSlots + 1> statistics = {};  ///< by TensorModel::slot; the first stays empty

  /// The model's reference tensor; nullptr when there are not that many tensors.
  const Int8Tensor* reference(const TensorModel& model) const {
    const auto back = static_cast<size_t>(model.reference.back);
    return back == 0 || back > tensors.size() ? nullptr : &tensors[tensors.size() - back];
  }
  /// The moments in the model's slot, decayed; nothing if they have other columns. `given`: columns of the
  /// reference tensor.
  Moments starting_moments(const TensorModel& model, size_t given) const;
};

/// Whether a tensor may be predicted from a reference tensor, both in the given views: rows must correspond,
/// and there must be enough of them for what learning costs.
inline bool may_follow(const MatrixView& reference, uint32_t group, const MatrixView& tensor) {
  return reference.rows > 0 && tensor.rows % reference.rows == 0 && reference.rows % group == 0 &&
         reference.columns <= LinearPredictor::kMaxColumns &&
         tensor.columns <= LinearPredictor::kMaxColumns &&
         8 * tensor.rows >= reference.columns + tensor.columns;
}

/// Prediction from a reference tensor learns from normalized rows: a value equal to the row's scale becomes
/// 2^kNormalizedUnitLog.
inline constexpr int kNormalizedUnitLog = 5;
/// `log`: of a scale, in sixteenths of an octave.
inline int normalization_of(int log) { return std::clamp(log + 3 * kScalesPerOctave, 0, kScaleCount - 1); }
/// `scale`: an index.
inline int16_t normalized(int value, int scale) {
  const int32_t inverse = scale_table().inverse_q15[static_cast<size_t>(scale)];
  return static_cast<int16_t>(std::clamp((value * inverse) >> (15 - kNormalizedUnitLog), -1'023, 1'023));
}

/// The rows of a reference tensor that correspond to those of a tensor. Where the reference tensor has fewer
/// rows, groups of them serve several times, one after another: the rows of a group belong to one attention
/// head.
class ReferenceRows {
 public:
  /// Borrows both. The reference tensor's rows divide the tensor's, and the group divides those.
  ReferenceRows(const Int8Tensor& source, const TensorModel& model)
      : source_(source),
        reference_(model.reference),
        view_(source.view(model.reference.transposed)),
        repeats_(model.view.rows / view_.rows) {}

  size_t columns() const { return view_.columns; }
  size_t row_of(size_t row) const {
    const size_t group = reference_.group;
    return row / (group * repeats_) * group + row % group;
  }
  int8_t value(size_t row, size_t column) const {
    const size_t own = row_of(row);
    return source_.values[reference_.transposed ? column * view_.rows + own : own * view_.columns + column];
  }
  /// The rows for a block, column by column, each row normalized by its root mean square.
  void gather(size_t first_row, size_t rows, std::span<int16_t> block) const;

 private:
  const Int8Tensor& source_;
  ReferenceTensor reference_;
  MatrixView view_;
  size_t repeats_;
};

/// Predicted scales of the tensor's rows, from those of the reference tensor's rows, in sixteenths of an
/// octave around 0; nothing if the gain is 0, or the reference tensor transposed or not there.
std::vector<int> predicted_row_logs(const TensorModel& model, const StreamHistory& history);

}  // namespace golf
