#include "golf/train/device/device.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#ifdef GOLF_WITH_CUDA
#include <ATen/cuda/CUDAContextLight.h>
#endif

namespace golf {

void use_device(torch::Device device) {
  if (!device.is_cpu()) c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
}

std::string device_name(torch::Device device) {
#ifdef GOLF_WITH_CUDA
  if (device.is_cuda()) return at::cuda::getDeviceProperties(device.index())->name;
#endif
  (void)device;
  return {};
}

}  // namespace golf
