#include "parallel/backend.h"

#ifdef GOLF_WITH_CUDA
#define USE_C10D_NCCL  // what the header asks for; here, because the precompiled one was made without
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "golf/artifact/base/error.h"

namespace golf {

bool has_nccl() {
#ifdef GOLF_WITH_CUDA
  return true;
#else
  return false;
#endif
}

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const RankInfo& ranks,
                                                    std::chrono::milliseconds timeout) {
#ifdef GOLF_WITH_CUDA
  const auto options = c10d::ProcessGroupNCCL::Options::create(/*is_high_priority_stream=*/true);
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, static_cast<int>(ranks.rank),
                                                     static_cast<int>(ranks.world), options);
#else
  (void)store, (void)ranks, (void)timeout;
  fail(ErrorCode::kUnsupported,
       "several processes on GPUs need NCCL, which this build does not have: build with preset cuda");
#endif
}

}  // namespace golf
