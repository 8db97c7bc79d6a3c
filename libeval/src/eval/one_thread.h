#pragma once

#include <ATen/Parallel.h>

namespace golf {

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
