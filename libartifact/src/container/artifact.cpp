#include "golf/artifact/container/artifact.h"

#include <fmt/format.h>

#include "container/golf_container.h"
#include "container/ptz_container.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/container/file_kind.h"

namespace golf {
namespace {

bool is_golf_file(ByteView bytes) { return identify(bytes) == FileKind::kGolf; }

/// Whether shapes and bytes agree: callers may have built the model by hand.
void check_bytes(const StoredTensor& stored) {
  check_form(stored);
  for (const Tensor* tensor : {&stored.values, &stored.scales}) {
    if (checked_tensor_bytes(tensor->dtype, tensor->shape, stored.name) != tensor->bytes.size()) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("tensor \"{}\": shape {} and {} bytes do not agree", printable(stored.name),
                       to_string(tensor->shape), tensor->bytes.size()));
    }
  }
}

void check_golf_holds(const StoredTensor& stored) {
  if (!stored.fine_columns && !stored.low_rank) return;
  fail(ErrorCode::kUnsupported,
       fmt::format("tensor \"{}\": .golf files have no {}: use --format pgrp or ptz, or quantize again",
                   printable(stored.name), stored.low_rank ? "low-rank corrections" : "fine columns"));
}

}  // namespace

std::string_view format_name(ArtifactFormat format) {
  return format == ArtifactFormat::kGolf ? "golf" : "ptz";
}

Bytes encode_artifact(const Artifact& artifact, int threads, const ProgressSink& progress) {
  for (const StoredTensor& tensor : artifact.model.tensors) {
    check_bytes(tensor);
    if (artifact.info.format == ArtifactFormat::kGolf) check_golf_holds(tensor);
  }
  return artifact.info.format == ArtifactFormat::kGolf ? encode_golf(artifact, threads, progress)
                                                       : encode_ptz(artifact, threads);
}

Artifact decode_artifact(ByteView bytes, const std::string& what, int threads) {
  Artifact artifact =
      is_golf_file(bytes) ? decode_golf(bytes, what, threads) : decode_ptz(bytes, what, threads);
  try {
    const auto& tensors = artifact.model.tensors;
    parallel_for(tensors.size(), threads, [&](size_t i) { check_values(tensors[i]); });
  } catch (const Error& error) {
    fail_within(what, error);
  }
  return artifact;
}

ArtifactSummary summarize_artifact(ByteView bytes, const std::string& what) {
  return is_golf_file(bytes) ? summarize_golf(bytes, what) : summarize_ptz(bytes, what);
}

}  // namespace golf
