#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "golf/artifact/quantize/stored_model.h"
#include "golf/model/decoder.h"

namespace golf {

/// The floats of a stored model as parameters of gradient descent, by Adam. A float v starts at v0 and is
/// v0 + r·θ, where r is the size of what it stands among: |v0| of a scale or step, the root mean square of a
/// passthrough tensor. So one learning rate serves all. Sums are float64.
class TunableFloats {
 public:
  /// Only the parameters that the floats make require a gradient afterwards.
  /// @param model  has the dequantized weights @throws Error kInvalidArgument when there are no such floats
  TunableFloats(Decoder& model, const StoredModel& stored);

  int64_t tensors() const { return static_cast<int64_t>(parts_.size()); }
  int64_t floats() const { return theta_.numel(); }

  /// Of the scalar `loss` with respect to all θ, float64 [floats]. Calls may run side by side.
  at::Tensor gradient(const at::Tensor& loss) const;
  /// One step of Adam; the model has the new weights afterwards.
  void descend(const at::Tensor& gradient, double lr);
  /// Puts the floats into the model that they came from. @throws Error as replace_floats()
  void store(StoredModel& stored) const;

 private:
  struct Part {
    size_t tensor = 0;     ///< of the stored model
    at::Tensor parameter;  ///< of the decoder
    /// The weights in units of their scale, [rows, columns]; of one row when there is one scale. Undefined
    /// for a passthrough tensor.
    at::Tensor units;
    int64_t first = 0, count = 0;  ///< of the floats
  };

  at::Tensor values() const { return start_ + sizes_ * theta_; }

  std::vector<Part> parts_;
  std::vector<at::Tensor> parameters_;
  at::Tensor start_, sizes_, theta_, mean_, square_;  ///< float64 [floats]
  int64_t steps_ = 0;
};

}  // namespace golf
