#include "run/size_projection.h"

#include <chrono>
#include <utility>

#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/model/torch_tensors.h"
#include "run/pack_weights.h"

namespace golf {

Json to_json(const ProjectedSize& size) {
  return Json::object({{"kind", "size"},
                       {"step", size.step},
                       {"artifact_bytes", size.budget.artifact_bytes},
                       {"total_bytes", size.budget.total_bytes()},
                       {"limit_bytes", size.budget.limit_bytes}});
}

void SizeProjection::start(int64_t step, const Decoder& model) {
  if (running_.valid()) return;
  running_ = std::async(std::launch::async, [this, step, tensors = to_tensor_set(model)] {
    const std::string digest =  // what the header will hold is counted too
        sha256_hex(encode_checkpoint({.tensors = tensors, .spec = config_.spec()}));
    const Artifact artifact = quantized_artifact(config_, job_, inputs_, tensors, digest, {.threads = 1});
    const uint64_t bytes = encode_artifact(artifact, /*threads=*/1).size();
    return ProjectedSize{.step = step, .budget = {.artifact_bytes = bytes, .code = inputs_.code}};
  });
}

std::optional<ProjectedSize> SizeProjection::take() {
  const bool ended =
      running_.valid() && running_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  return ended ? wait() : std::nullopt;
}

std::optional<ProjectedSize> SizeProjection::wait() {
  return running_.valid() ? std::optional(running_.get()) : std::nullopt;
}

}  // namespace golf
