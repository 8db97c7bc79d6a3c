#include "model/cuda/driver.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <atomic>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/model/gpu_kernels.h"
#include "model/cuda/nvrtc.h"

#ifdef GOLF_WITH_CUDA
#include <c10/cuda/CUDAStream.h>
#endif

namespace golf {
namespace cuda {
namespace {

std::atomic<bool> kernels_are_on = true;
KernelRunner* cpu_runner = nullptr;

void* current_stream(torch::Device device) {
#ifdef GOLF_WITH_CUDA
  return c10::cuda::getCurrentCUDAStream(device.index()).stream();
#else
  (void)device;
  return nullptr;
#endif
}

/// The functions of cuda.h that are used here; contexts, modules, functions and streams are opaque pointers.
/// A result is 0 when all is well. The driver's library comes with the driver, not with torch.
class Driver {
 public:
  static const Driver& get() {
    static const Driver driver;
    return driver;
  }

  const std::string& problem() const { return problem_; }

  std::pair<int, int> compute_capability(int device) const {
    constexpr int kMajor = 75, kMinor = 76;
    std::pair<int, int> capability;
    check("cuDeviceGetAttribute", attribute_(&capability.first, kMajor, device));
    check("cuDeviceGetAttribute", attribute_(&capability.second, kMinor, device));
    return capability;
  }

  /// Loads a module into the context that ATen uses on the device, and finds a kernel in it.
  void* load(int device, const CompiledKernels& compiled) const {
    // A thread of autograd that has taken all its memory from ATen's cache may not have met the device yet.
    void* context = nullptr;
    check("cuCtxGetCurrent", current_context_(&context));
    if (context == nullptr) {
      check("cuDevicePrimaryCtxRetain", retain_context_(&context, device));
      check("cuCtxSetCurrent", use_context_(context));
    }
    void *module = nullptr, *kernel = nullptr;
    check("cuModuleLoadData", load_(&module, compiled.image.data()));
    check("cuModuleGetFunction", find_(&kernel, module, compiled.symbols.at(0).c_str()));
    return kernel;
  }

  void launch(void* kernel, unsigned blocks, void* stream, const void* arguments) const {
    void* list[] = {const_cast<void*>(arguments)};
    check("cuLaunchKernel",
          launch_(kernel, blocks, 1, 1, kThreadsPerBlock, 1, 1, /*shared_bytes=*/0, stream, list, nullptr));
  }

 private:
  Driver() {
    void* library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      problem_ = "no CUDA driver (libcuda.so.1) can be loaded";
      return;
    }
    const auto find = [&](const char* name, auto& function) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
      if (function == nullptr) problem_ = fmt::format("the CUDA driver has no {}", name);
    };
    find("cuDeviceGetAttribute", attribute_);
    find("cuCtxGetCurrent", current_context_);
    find("cuCtxSetCurrent", use_context_);
    find("cuDevicePrimaryCtxRetain", retain_context_);
    find("cuModuleLoadData", load_);
    find("cuModuleGetFunction", find_);
    find("cuLaunchKernel", launch_);
    find("cuGetErrorString", error_text_);
  }
  void check(const char* function, int result) const {
    if (result == 0) return;
    const char* text = nullptr;
    error_text_(result, &text);
    fail(ErrorCode::kRunFailed,
         fmt::format("{}: {} ({})", function, text == nullptr ? "error" : text, result));
  }

  std::string problem_;
  int (*attribute_)(int* value, int attribute, int device) = nullptr;
  int (*current_context_)(void**) = nullptr;
  int (*use_context_)(void*) = nullptr;
  int (*retain_context_)(void**, int device) = nullptr;
  int (*load_)(void** module, const void* image) = nullptr;
  int (*find_)(void** kernel, void* module, const char* symbol) = nullptr;
  int (*launch_)(void* kernel, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                 unsigned shared_bytes, void* stream, void** arguments, void** extra) = nullptr;
  int (*error_text_)(int, const char**) = nullptr;
};

/// The kernel as loaded on the device, compiled when it is asked for the first time.
void* loaded_kernel(int device, const std::string& name) {
  static std::mutex mutex;
  static std::map<std::pair<int, std::string>, void*> kernels;
  const std::lock_guard lock(mutex);
  void*& kernel = kernels[{device, name}];
  if (kernel == nullptr) {
    const auto [major, minor] = Driver::get().compute_capability(device);
    kernel = Driver::get().load(device, compile_kernels(std::vector<std::string>{name}, major, minor));
  }
  return kernel;
}

}  // namespace

void run_cpu_kernels_with(KernelRunner* runner) { cpu_runner = runner; }

bool has_kernels(torch::Device device) {
  if (device.is_cpu()) return cpu_runner != nullptr;
  return device.is_cuda() && !gpu_kernels_missing();
}

void launch(torch::Device device, const std::string& kernel, int64_t blocks, const void* arguments) {
  if (device.is_cpu()) return cpu_runner->run(kernel, blocks, arguments);
  void* const loaded = loaded_kernel(device.index(), kernel);
  Driver::get().launch(loaded, static_cast<unsigned>(blocks), current_stream(device), arguments);
}

}  // namespace cuda

void use_gpu_kernels(bool on) { cuda::kernels_are_on = on; }

std::optional<std::string> gpu_kernels_missing() {
  if (!cuda::kernels_are_on) return "they are turned off";
#ifndef GOLF_WITH_CUDA
  return "they are not in this build: build with preset cuda";
#else
  static const std::optional<std::string> missing = []() -> std::optional<std::string> {
    const std::string& problem = cuda::Driver::get().problem();
    return problem.empty() ? cuda::nvrtc_missing() : std::optional(problem);
  }();
  return missing;
#endif
}

}  // namespace golf
