#include "model/cuda/nvrtc.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <functional>

#include "golf/artifact/base/error.h"

namespace golf::cuda {
namespace {

/// The functions of nvrtc.h that are used here. A program is an opaque pointer, a result 0 when all is well.
struct NvrtcLibrary {
  using Program = void*;
  int (*create)(Program*, const char* source, const char* name, int headers, const char* const* header_texts,
                const char* const* header_names) = nullptr;
  int (*destroy)(Program*) = nullptr;
  int (*add_name)(Program, const char*) = nullptr;
  int (*compile)(Program, int options, const char* const* option_texts) = nullptr;
  int (*log_size)(Program, size_t*) = nullptr;
  int (*log)(Program, char*) = nullptr;
  int (*image_size)(Program, size_t*) = nullptr;
  int (*image)(Program, char*) = nullptr;
  int (*symbol)(Program, const char* name, const char** symbol) = nullptr;
  const char* (*error_text)(int) = nullptr;
  std::string problem;  ///< why it is not usable, or empty
};

template <class Function>
bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

NvrtcLibrary open_nvrtc() {
  // torch's own stub comes first: it brings the NVRTC of the wheel, wherever that lies. It needs a driver;
  // the others do not.
  const char* const names[] = {"libcaffe2_nvrtc.so",
                               "libnvrtc.so.13",
                               "libnvrtc.so.12",
                               "libnvrtc.so",
                               "/usr/local/cuda/lib64/libnvrtc.so",
                               "/usr/local/cuda/lib/libnvrtc.so"};
  NvrtcLibrary library;
  for (const char* name : names) {
    void* handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) continue;
    if (find_function(handle, "nvrtcCreateProgram", library.create) &&
        find_function(handle, "nvrtcDestroyProgram", library.destroy) &&
        find_function(handle, "nvrtcAddNameExpression", library.add_name) &&
        find_function(handle, "nvrtcCompileProgram", library.compile) &&
        find_function(handle, "nvrtcGetProgramLogSize", library.log_size) &&
        find_function(handle, "nvrtcGetProgramLog", library.log) &&
        find_function(handle, "nvrtcGetCUBINSize", library.image_size) &&
        find_function(handle, "nvrtcGetCUBIN", library.image) &&
        find_function(handle, "nvrtcGetLoweredName", library.symbol) &&
        find_function(handle, "nvrtcGetErrorString", library.error_text)) {
      return library;
    }
  }
  library.problem = "no libnvrtc.so.13 or libnvrtc.so.12 can be loaded: pip install nvidia-cuda-nvrtc";
  return library;
}

const NvrtcLibrary& nvrtc() {
  static const NvrtcLibrary library = open_nvrtc();
  return library;
}

/// What a pair of functions, one for the size and one for the bytes, gives.
std::string text_of(NvrtcLibrary::Program program, int (*size_of)(NvrtcLibrary::Program, size_t*),
                    int (*copy)(NvrtcLibrary::Program, char*)) {
  size_t size = 0;
  if (size_of(program, &size) != 0) return {};
  std::string text(size, '\0');
  return copy(program, text.data()) == 0 ? text : std::string();
}

class Compilation {
 public:
  Compilation() {
    const std::string source(kernel_source());
    check(nvrtc().create(&program_, source.c_str(), "golf_kernels.cu", 0, nullptr, nullptr));
  }
  ~Compilation() { nvrtc().destroy(&program_); }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  CompiledKernels run(std::span<const std::string> names, const std::string& architecture) {
    for (const std::string& name : names) check(nvrtc().add_name(program_, qualified(name).c_str()));
    // Products are not fused with sums, as on the processor: the kernels wait for memory, not for arithmetic.
    const char* const options[] = {architecture.c_str(), "--std=c++17", "--fmad=false"};
    check(nvrtc().compile(program_, 3, options));
    CompiledKernels compiled{.image = text_of(program_, nvrtc().image_size, nvrtc().image), .symbols = {}};
    for (const std::string& name : names) {
      const char* symbol = nullptr;
      check(nvrtc().symbol(program_, qualified(name).c_str(), &symbol));
      compiled.symbols.emplace_back(symbol);
    }
    return compiled;
  }

 private:
  /// Types and kernels are in the same namespace; a template's arguments are looked up outside of it.
  static std::string qualified(const std::string& name) {
    std::string text = "golf::cuda::" + name;
    for (size_t at = text.find("bf16"); at != std::string::npos; at = text.find("bf16", at + 16)) {
      text.insert(at, "golf::cuda::");
    }
    return text;
  }
  void check(int result) const {
    if (result == 0) return;
    std::string log = text_of(program_, nvrtc().log_size, nvrtc().log);
    log = log.substr(0, log.find_first_of(std::string_view("\n\0", 2)));
    fail(ErrorCode::kUnsupported, fmt::format("NVRTC cannot compile the GPU kernels: {}{}{}",
                                              nvrtc().error_text(result), log.empty() ? "" : ": ", log));
  }

  NvrtcLibrary::Program program_ = nullptr;
};

}  // namespace

std::string_view kernel_source() {
  static constexpr std::string_view source =
#include "gpu_kernel_source.inc"
      ;
  return source;
}

CompiledKernels compile_kernels(std::span<const std::string> names, int major, int minor) {
  if (const auto missing = nvrtc_missing()) fail(ErrorCode::kUnsupported, *missing);
  return Compilation().run(names, fmt::format("--gpu-architecture=sm_{}{}", major, minor));
}

std::optional<std::string> nvrtc_missing() {
  const std::string& problem = nvrtc().problem;
  return problem.empty() ? std::nullopt : std::optional(problem);
}

}  // namespace golf::cuda
