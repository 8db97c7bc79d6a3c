#pragma once

#include <ATen/Parallel.h>

#include <cstdint>
#include <span>

#include "golf/model/decoder.h"

// What every walk over a stream's windows begins with.

namespace golf {

/// @throws Error kMismatch naming the first largest token that is not below `vocab_size`
void require_tokens_below(std::span<const uint16_t> stream, int64_t vocab_size);

/// @throws Error kInvalidArgument when the stream holds less than one window; as require_tokens_below
void require_window(std::span<const uint16_t> stream, int64_t seq_len, int64_t vocab_size);

/// Puts the model in eval mode for as long as this lives.
class EvalModeGuard {
 public:
  explicit EvalModeGuard(Decoder& model) : model_(model), was_training_(model->is_training()) {
    model_->eval();
  }
  ~EvalModeGuard() { model_->train(was_training_); }
  EvalModeGuard(const EvalModeGuard&) = delete;
  EvalModeGuard& operator=(const EvalModeGuard&) = delete;

 private:
  Decoder& model_;
  bool was_training_;
};

/// Takes LibTorch's own threads away for as long as this lives: windows are computed side by side instead,
/// each by one thread. That needs no barrier inside an operation, and no figure depends on the thread count.
class OneThreadPerOperation {
 public:
  OneThreadPerOperation() : threads_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThreadPerOperation() { at::set_num_threads(threads_); }
  OneThreadPerOperation(const OneThreadPerOperation&) = delete;
  OneThreadPerOperation& operator=(const OneThreadPerOperation&) = delete;
  int threads() const { return threads_; }

 private:
  int threads_;
};

}  // namespace golf
