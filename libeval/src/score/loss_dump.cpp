#include "golf/score/loss_dump.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "golf/artifact/base/error.h"
#include "golf/artifact/formats/npy.h"

namespace golf {
namespace {

template <class T>
std::vector<double> widen(ByteView bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return {values.begin(), values.end()};
}

/// The remedy: the policies that score so many, where there are any.
std::string suited_policies(int64_t losses, const WindowPlan& plan) {
  std::string names;
  for (const std::string_view name : policy_names()) {
    try {
      const auto other =
          WindowPlan::sliding(plan.targets(), plan.seq_len(), plan.stride(), window_policy(name));
      if (other.coverage().scored == losses) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    } catch (const Error&) {
      continue;  // a policy under which no window fits
    }
  }
  return names.empty() ? ": give the windows it was made with"
                       : fmt::format(": as window policy {} would score", names);
}

[[noreturn]] void fail_count(const std::string& what, std::string_view found, int64_t losses,
                             const WindowPlan& plan) {
  fail(ErrorCode::kMismatch, fmt::format("{}: {} losses expected for {} targets in windows of {}, found {}{}",
                                         what, plan.coverage().scored, plan.targets(), plan.seq_len(), found,
                                         suited_policies(losses, plan)));
}

}  // namespace

std::vector<double> parse_loss_dump(ByteView bytes, const std::string& what, const WindowPlan& plan) {
  const int64_t expected = plan.coverage().scored;
  if (is_npy(bytes)) {
    const Tensor tensor = parse_npy(bytes, what);
    if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF64) {
      fail(ErrorCode::kUnsupported,
           fmt::format("{}: losses of {}: expected float32 or float64", what, torch_name(tensor.dtype)));
    }
    if (tensor.elements() != expected) {
      fail_count(what, fmt::format("{}", tensor.elements()), tensor.elements(), plan);
    }
    return tensor.dtype == DType::kF32 ? widen<float>(tensor.bytes) : widen<double>(tensor.bytes);
  }
  const auto size = static_cast<int64_t>(bytes.size());
  if (size == expected * 4) return widen<float>(bytes);
  if (size == expected * 8) return widen<double>(bytes);
  // float32 is the likelier guess for what the file was meant to be.
  fail_count(what, fmt::format("{} bytes of raw values", size), size % 4 == 0 ? size / 4 : -1, plan);
}

BpbTotals score_losses(std::span<const double> nll_nats, const WindowPlan& plan,
                       std::span<const uint16_t> token_bytes) {
  if (static_cast<int64_t>(token_bytes.size()) != plan.targets() + 1) {
    fail(ErrorCode::kMismatch, fmt::format("losses: a stream of {} tokens for a plan of {} targets",
                                           token_bytes.size(), plan.targets()));
  }
  if (static_cast<int64_t>(nll_nats.size()) != plan.coverage().scored) {
    fail(ErrorCode::kMismatch,
         fmt::format("losses: {} for a plan that scores {}", nll_nats.size(), plan.coverage().scored));
  }
  BpbTotals totals;
  size_t used = 0;
  for (int64_t w = 0; w < plan.size(); ++w) {
    const Window window = plan[w];
    for (int64_t t = window.first_target(); t < window.start + window.length; ++t) {
      const double nll = nll_nats[used++];
      if (!std::isfinite(nll) && !totals.first_nonfinite_target) totals.first_nonfinite_target = t;
      totals.loss_nats += nll;
      totals.bytes += token_bytes[static_cast<size_t>(t) + 1];
      ++totals.tokens;
    }
  }
  return totals;
}

std::string impossible_total(const BpbTotals& totals) {
  if (!std::isfinite(totals.loss_nats) || totals.loss_nats >= 0) return {};
  return fmt::format(
      "losses: their sum is {:.6g} nats, below 0, which no losses have: these look like "
      "log-probabilities: change their sign",
      totals.loss_nats);
}

Bytes encode_loss_dump(std::span<const float> nll_nats) {
  return encode_npy(make_tensor<float>(DType::kF32, {static_cast<int64_t>(nll_nats.size())}, nll_nats));
}

}  // namespace golf
