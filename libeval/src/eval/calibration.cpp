#include "golf/eval/calibration.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "eval/passes.h"
#include "eval/window_gradients.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/quantize/calibration.h"
#include "golf/model/torch_tensors.h"

// T positions of a window, I inputs of a matrix.

namespace golf {
namespace {

/// So small a weight, in nats², that it counts only where there is no other.
constexpr double kLeastWeight = 1e-20;

/// Σ over positions of what an error e of a row costs, e·H·eᵀ, [I, I]: as a linear layer H is w·x·xᵀ with w
/// the gradient's energy, where rows are looked up the gradient's own g·gᵀ.
at::Tensor window_moments(const Product& product) {
  if (!product.x_TI.defined()) {
    const at::Tensor g_TI = product.y_grad_TO.to(at::kFloat);
    return at::matmul(g_TI.t(), g_TI);
  }
  const at::Tensor x_TI = product.x_TI.to(at::kFloat);
  at::Tensor w_T1 = at::full({x_TI.size(0), 1}, kLeastWeight, x_TI.options());
  if (product.y_grad_TO.defined()) w_T1 += product.y_grad_TO.to(at::kFloat).square().sum(-1, true);
  const at::Tensor weighted_TI = x_TI * w_T1.sqrt();
  return at::matmul(weighted_TI.t(), weighted_TI);
}

/// Σ over positions of x·xᵀ, [I, I].
at::Tensor input_products(const Product& product) {
  const at::Tensor x_TI = product.x_TI.to(at::kFloat);
  return at::matmul(x_TI.t(), x_TI);
}

/// The moments of one matrix over windows.
struct MomentSums {
  std::string matrix;
  std::vector<size_t> uses;  ///< of the window's products
  at::Tensor sums_II = {};   ///< float64

  /// @param moments  of one use
  void add(const std::deque<Product>& window, at::Tensor (*moments)(const Product&)) {
    const at::NoGradGuard no_grad;
    for (const size_t use : uses) {
      const at::Tensor use_II = moments(window[use]).to(at::kCPU, at::kDouble);
      sums_II = sums_II.defined() ? sums_II + use_II : use_II;
    }
  }
  /// Divided by `count`, exactly symmetric, whatever the kernel that multiplied.
  Tensor mean(double count) const {
    const at::Tensor mean_II = (sums_II + sums_II.t()) / (2.0 * count);
    if (!mean_II.isfinite().all().item<bool>()) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{}: its input or gradient is not finite on this text: check the model", matrix));
    }
    return from_torch(mean_II.to(at::kFloat));
  }
};

/// By matrix, which of a window's products are its uses: a tied embedding has two. Look-ups that the loss
/// does not depend on tell nothing.
std::vector<MomentSums> moments_for(const std::deque<Product>& window) {
  std::vector<MomentSums> all;
  for (size_t use = 0; use < window.size(); ++use) {
    const Product& product = window[use];
    if (!product.x_TI.defined() && !product.y_grad_TO.defined()) continue;
    auto found = std::find_if(all.begin(), all.end(),
                              [&](const MomentSums& sums) { return sums.matrix == product.matrix; });
    if (found == all.end()) found = all.insert(all.end(), {product.matrix, {}});
    found->uses.push_back(use);
  }
  return all;
}

/// The Hessians, each divided by `count`, with the metadata of a calibration on so many tokens.
TensorSet hessians_of(const std::vector<MomentSums>& moments, double count, size_t tokens) {
  TensorSet calibration;
  for (const MomentSums& sums : moments) {
    // Inputs that are always 0 say nothing: no entry, as for a matrix that is not used.
    if (sums.sums_II.any().item<bool>()) calibration.add(sums.matrix, sums.mean(count));
  }
  calibration.metadata = {{"schema", "golf.calibration/1"}, {"tokens", std::to_string(tokens)}};
  return calibration;
}

/// By parameter, float64 [rows]: the squared gradients' mean over each row.
std::vector<at::Tensor> row_squares(const WindowGradients& window, const MatrixParameters& parameters) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> squares;
  for (size_t i = 0; i < window.gradients.size(); ++i) {
    const at::Tensor& gradient = window.gradients[i];
    squares.push_back(gradient.defined() ? gradient.to(at::kCPU, at::kDouble).square().mean(/*dim=*/1)
                                         : at::zeros({parameters.tensors[i].size(0)}, at::kDouble));
  }
  return squares;
}

}  // namespace

TensorSet collect_calibration(Decoder& model, std::span<const uint16_t> stream, int64_t seq_len,
                              const ProgressSink& progress) {
  require_window(stream, seq_len, model->config().vocab_size);
  const auto length = static_cast<size_t>(seq_len), windows = stream.size() / length;
  const MatrixParameters parameters = matrix_parameters(model);
  const EvalModeGuard eval_mode(model);
  const ProductCapture capture(model);
  const OneThreadPerOperation guard;
  const bool on_cpu = parameters.tensors.front().device().is_cpu();
  const int threads = on_cpu ? guard.threads() : 1;

  std::vector<MomentSums> moments;
  std::vector<at::Tensor> squares(parameters.tensors.size());
  for (size_t first = 0; first < windows; first += static_cast<size_t>(threads)) {
    const size_t count = std::min(static_cast<size_t>(threads), windows - first);
    std::vector<std::deque<Product>> products(count);
    std::vector<std::vector<at::Tensor>> window_squares(count);
    parallel_for(count, threads, [&](size_t i) {
      WindowGradients window = window_gradients(
          model, parameters, stream.subspan((first + i) * length, length), /*seed=*/first + i);
      window_squares[i] = row_squares(window, parameters);
      products[i] = std::move(window.products);
    });
    if (moments.empty()) moments = moments_for(products[0]);
    // Side by side over the matrices, one after the other over the windows: a fixed order of the sum.
    parallel_for(moments.size(), threads, [&](size_t matrix) {
      for (const std::deque<Product>& window : products) moments[matrix].add(window, window_moments);
    });
    for (const std::vector<at::Tensor>& window : window_squares) {
      for (size_t i = 0; i < squares.size(); ++i) {
        squares[i] = squares[i].defined() ? squares[i] + window[i] : window[i];
      }
    }
    if (progress) progress({"calibrate", (first + count) * length, windows * length, "tokens", ""});
  }

  const auto tokens = static_cast<double>(windows * length);
  TensorSet calibration = hessians_of(moments, tokens, windows * length);
  for (size_t i = 0; i < squares.size(); ++i) {
    const std::string& name = parameters.names[i];
    if (!squares[i].isfinite().all().item<bool>()) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{}: its gradient is not finite on this text: check the model", name));
    }
    calibration.add(fmt::format("{}{}", Calibration::kFisherPrefix, name),
                    from_torch((squares[i] / tokens).to(at::kFloat)));
  }
  return calibration;
}

TensorSet collect_hessians(Decoder& model, std::span<const uint16_t> rows, int64_t seq_len, int64_t batches,
                           const ProgressSink& progress) {
  require_window(rows, seq_len, model->config().vocab_size);
  const auto length = static_cast<size_t>(seq_len), row_count = rows.size() / length;
  if (batches < 1 || rows.size() % length != 0 || row_count % static_cast<size_t>(batches) != 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} tokens are not {} batches of rows of {}", rows.size(), batches, seq_len));
  }
  const EvalModeGuard eval_mode(model);
  const ProductCapture capture(model);
  const OneThreadPerOperation guard;
  const torch::Device device = model->parameters().front().device();
  const size_t threads = device.is_cpu() ? static_cast<size_t>(guard.threads()) : 1;
  const size_t rows_a_pass = device.is_cpu() ? 1 : row_count / static_cast<size_t>(batches);

  std::vector<MomentSums> moments;
  for (size_t first = 0; first < row_count; first += threads * rows_a_pass) {
    const size_t passes = std::min(threads, (row_count - first) / rows_a_pass);
    std::vector<std::deque<Product>> products(passes);
    parallel_for(passes, static_cast<int>(threads), [&](size_t i) {
      products[i] = forward_products(
          model, rows.subspan((first + i * rows_a_pass) * length, rows_a_pass * length), seq_len, device);
      std::erase_if(products[i], [](const Product& product) { return !product.x_TI.defined(); });
    });
    if (moments.empty()) moments = moments_for(products[0]);
    parallel_for(moments.size(), static_cast<int>(threads), [&](size_t matrix) {
      for (const std::deque<Product>& pass : products) moments[matrix].add(pass, input_products);
    });
    const size_t done = (first + passes * rows_a_pass) * length;
    if (progress) progress({"calibrate", done, rows.size(), "tokens", ""});
  }
  return hessians_of(moments, static_cast<double>(batches), rows.size());
}

}  // namespace golf
