#include "eval/window_gradients.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/model/loss.h"

namespace golf {
namespace {

/// Where the products of the window go that this thread computes. Windows run side by side through one model,
/// whose hook cannot tell them apart.
thread_local std::deque<Product>* products_here = nullptr;

void capture(const std::string& matrix, const at::Tensor& x, const at::Tensor& y) {
  if (products_here == nullptr) return;
  Product& product = products_here->emplace_back(Product{matrix, at::Tensor(), at::Tensor()});
  if (x.defined()) product.x_TI = x.detach().reshape({-1, x.size(-1)});
  if (!y.requires_grad()) return;
  y.register_hook([&product](const at::Tensor& gradient) {
    product.y_grad_TO = gradient.detach().reshape({-1, gradient.size(-1)});
  });
}

/// Points products_here at a window for as long as this lives.
class CapturedHere {
 public:
  explicit CapturedHere(std::deque<Product>& products) { products_here = &products; }
  ~CapturedHere() { products_here = nullptr; }
  CapturedHere(const CapturedHere&) = delete;
  CapturedHere& operator=(const CapturedHere&) = delete;
};

/// One target for each position, drawn from the model's distribution.
at::Tensor draw_targets(const at::Tensor& logits_1TV, uint64_t seed) {
  const at::NoGradGuard no_grad;
  const at::Generator draws = at::detail::createCPUGenerator(seed);
  const at::Tensor p_TV = at::softmax(logits_1TV[0].to(at::kFloat), -1).cpu();
  if (!p_TV.isfinite().all().item<bool>()) {
    fail(ErrorCode::kCorruptData, "its predictions are not finite on this text: check the model");
  }
  return at::multinomial(p_TV, 1, /*replacement=*/true, draws).t().to(logits_1TV.device());
}

/// int64 [rows, length] on the device.
at::Tensor ids_of(std::span<const uint16_t> tokens, int64_t length, torch::Device device) {
  at::Tensor ids = at::empty({static_cast<int64_t>(tokens.size()) / length, length}, at::kLong);
  std::copy(tokens.begin(), tokens.end(), ids.data_ptr<int64_t>());
  return ids.to(device);
}

}  // namespace

MatrixParameters matrix_parameters(Decoder& model) {
  MatrixParameters found;
  for (const auto& item : model->named_parameters()) {
    if (item.value().dim() != 2) continue;
    found.names.push_back(item.key());
    found.tensors.push_back(item.value());
  }
  return found;
}

ProductCapture::ProductCapture(Decoder& model) : model_(model) { model_->set_product_hook(capture); }
ProductCapture::~ProductCapture() { model_->set_product_hook({}); }

WindowGradients window_gradients(Decoder& model, const MatrixParameters& parameters,
                                 std::span<const uint16_t> window, uint64_t seed) {
  const at::AutoGradMode with_gradients(true);
  WindowGradients found;
  const at::Tensor ids =
      ids_of(window, static_cast<int64_t>(window.size()), parameters.tensors.front().device());
  const CapturedHere here(found.products);
  const at::Tensor logits_1TV = model->logits(model->hidden(ids), ids);
  const at::Tensor loss = token_nll(logits_1TV, draw_targets(logits_1TV, seed)).sum();
  found.gradients = torch::autograd::grad({loss}, parameters.tensors, /*grad_outputs=*/{},
                                          /*retain_graph=*/false, /*create_graph=*/false,
                                          /*allow_unused=*/true);
  return found;
}

std::deque<Product> forward_products(Decoder& model, std::span<const uint16_t> rows, int64_t length,
                                     torch::Device device) {
  const at::NoGradGuard no_grad;
  std::deque<Product> products;
  const at::Tensor ids = ids_of(rows, length, device);
  const CapturedHere here(products);
  model->logits(model->hidden(ids), ids);
  return products;
}

}  // namespace golf
