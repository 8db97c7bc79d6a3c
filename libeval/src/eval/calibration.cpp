#include "golf/eval/calibration.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/torch_tensors.h"

// T positions of a window, I inputs of a matrix.

namespace golf {
namespace {

/// One input and the matrices that share it, as attention's three projections do.
struct Captured {
  std::vector<std::string> matrices;
  at::Tensor x;
};

/// Where the inputs of the window go that this thread computes. Windows run side by side through one model,
/// whose hook cannot tell them apart.
thread_local std::vector<Captured>* captured_here = nullptr;

void capture(const std::string& matrix, const at::Tensor& x) {
  if (captured_here == nullptr) return;
  if (!captured_here->empty() && captured_here->back().x.is_same(x)) {
    captured_here->back().matrices.push_back(matrix);
  } else {
    captured_here->push_back({{matrix}, x});
  }
}

class CaptureGuard {
 public:
  explicit CaptureGuard(Decoder& model) : model_(model) { model_->set_input_hook(capture); }
  ~CaptureGuard() { model_->set_input_hook({}); }
  CaptureGuard(const CaptureGuard&) = delete;
  CaptureGuard& operator=(const CaptureGuard&) = delete;

 private:
  Decoder& model_;
};

std::vector<Captured> inputs_of(Decoder& model, std::span<const uint16_t> window) {
  const c10::InferenceMode inference;
  std::vector<Captured> captured;
  at::Tensor ids = at::empty({1, static_cast<int64_t>(window.size())}, at::kLong);
  std::copy(window.begin(), window.end(), ids.data_ptr<int64_t>());
  ids = ids.to(model->parameters().front().device());
  captured_here = &captured;
  try {
    model->logits(model->hidden(ids), ids);
  } catch (...) {
    captured_here = nullptr;
    throw;
  }
  captured_here = nullptr;
  return captured;
}

/// Adds the window's Σ x·xᵀ to the sums [I, I], float64.
void add_moments(const at::Tensor& x, at::Tensor& sums) {
  const c10::InferenceMode inference;
  const at::Tensor x_TI = x.reshape({-1, x.size(-1)}).to(at::kFloat);
  const at::Tensor moments_II = at::matmul(x_TI.t(), x_TI).to(at::kCPU, at::kDouble);
  if (sums.defined()) {
    sums.add_(moments_II);
  } else {
    sums = moments_II;
  }
}

/// Exactly symmetric, whatever the kernel that multiplied.
Tensor mean_moments(const at::Tensor& sums_II, int64_t tokens, const std::string& matrix) {
  const at::Tensor mean_II = (sums_II + sums_II.t()) / (2.0 * static_cast<double>(tokens));
  if (!mean_II.isfinite().all().item<bool>()) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: its input is not finite on this text: check the model", matrix));
  }
  return from_torch(mean_II.to(at::kFloat));
}

}  // namespace

TensorSet collect_calibration(Decoder& model, std::span<const uint16_t> stream, int64_t seq_len,
                              const ProgressSink& progress) {
  require_window(stream, seq_len, model->config().vocab_size);
  const auto length = static_cast<size_t>(seq_len), windows = stream.size() / length;
  const bool on_cpu = model->parameters().front().device().is_cpu();
  const EvalModeGuard eval_mode(model);
  const CaptureGuard hook(model);
  const OneThreadPerOperation guard;
  const int threads = on_cpu ? guard.threads() : 1;

  std::vector<std::vector<std::string>> matrices;  // by input
  std::vector<at::Tensor> sums;
  for (size_t first = 0; first < windows; first += static_cast<size_t>(threads)) {
    const size_t count = std::min(static_cast<size_t>(threads), windows - first);
    std::vector<std::vector<Captured>> batch(count);
    parallel_for(count, threads, [&](size_t i) {
      batch[i] = inputs_of(model, stream.subspan((first + i) * length, length));
    });
    if (sums.empty()) {
      for (const Captured& input : batch[0]) matrices.push_back(input.matrices);
      sums.resize(matrices.size());
    }
    // Side by side over the inputs, one after the other over the windows: a fixed order of the sum.
    parallel_for(sums.size(), threads, [&](size_t input) {
      for (const std::vector<Captured>& window : batch) add_moments(window[input].x, sums[input]);
    });
    if (progress) progress({"calibrate", (first + count) * length, windows * length, "tokens", ""});
  }

  TensorSet calibration;
  const auto tokens = static_cast<int64_t>(windows * length);
  for (size_t input = 0; input < sums.size(); ++input) {
    for (const std::string& matrix : matrices[input]) {
      calibration.add(matrix, mean_moments(sums[input], tokens, matrix));
    }
  }
  calibration.metadata = {{"schema", "golf.calibration/1"}, {"tokens", std::to_string(tokens)}};
  return calibration;
}

}  // namespace golf
