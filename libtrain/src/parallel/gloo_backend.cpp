// Compiled without the precompiled header, which was made without these definitions.
#include "parallel/backend.h"

#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif

#include "golf/artifact/base/error.h"

namespace golf {

bool has_gloo() {
#ifdef USE_C10D_GLOO
  return true;
#else
  return false;
#endif
}

c10::intrusive_ptr<c10d::Backend> make_gloo_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const RankInfo& ranks, const std::string& address,
                                                    std::chrono::milliseconds timeout) {
#ifdef USE_C10D_GLOO
  const auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices = {c10d::ProcessGroupGloo::createDeviceForHostname(address)};
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, static_cast<int>(ranks.rank),
                                                     static_cast<int>(ranks.world), options);
#else
  (void)store, (void)ranks, (void)address, (void)timeout;
  fail(ErrorCode::kUnsupported,
       "several processes on the CPU need Gloo, which this build does not have: install its headers "
       "(libgloo-dev) and build again");
#endif
}

}  // namespace golf
