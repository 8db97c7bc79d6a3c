#pragma once

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/eval/runtime.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// @throws UsageError for int8, whose products have no gradients
inline void refuse_without_gradients(const Runtime& runtime) {
  if (runtime.int8) throw UsageError("--dtype int8: has no gradients: give fp32 or bf16");
}

/// Loads FlashAttention-3 too, when the options name it.
/// @throws UsageError for a word that is no device or type; a device that is not there stays a failed run
inline Runtime runtime_of(const ModelOptions& options) {
  const Runtime runtime = parse_option("", [&] { return choose_runtime(options.device, options.dtype); });
  use_flash_attention(options.flash_attention, runtime);
  return runtime;
}

/// The same for a command that needs gradients. @throws UsageError for int8, whose products have none
inline Runtime runtime_with_gradients(const ModelOptions& options) {
  const Runtime runtime = runtime_of(options);
  refuse_without_gradients(runtime);
  return runtime;
}

/// Runs `work`. What LibTorch throws meanwhile is a failed run: out of device memory, a lost device.
template <class Work>
ExitCode on_device(const ModelOptions& options, Work&& work) {
  try {
    return work();
  } catch (const c10::Error& error) {
    fail(ErrorCode::kIo, fmt::format("device {}: {}", options.device, error.what_without_backtrace()));
  }
}

}  // namespace golf
