#include "golf/artifact/container/python_decoder.h"

#include <fmt/format.h>

#include "encode/golf/python_source.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

/// The first efforts that predict, and that do what takes a search (encode/golf/plane_fit.cpp): peaks,
/// references, orthogonality.
constexpr int kPredictingEffort = 3;
constexpr int kSearchingEffort = 4;

bool is_in_numpy(DType dtype) { return dtype <= DType::kF64; }

}  // namespace

void check_python_decoder(const ArtifactInfo& info) {
  if (info.format == ArtifactFormat::kGolf && info.codec.id == CodecId::kGolf) return;
  fail(ErrorCode::kInvalidArgument,
       fmt::format("a Python decoder is written for codec golf in a golf file, not for {} in a {} file",
                   to_string(info.codec), format_name(info.format)));
}

std::string python_decoder(const Artifact& artifact) {
  check_python_decoder(artifact.info);
  const CodecSpec& codec = artifact.info.codec;
  std::set<std::string_view> parts;
  if (codec.level >= kPredictingEffort) parts.insert("prediction");
  if (codec.level >= kSearchingEffort) parts.insert("search");
  for (const StoredTensor& tensor : artifact.model.tensors) {
    if (tensor.on_grid()) parts.insert("grid");
    if (tensor.storage == Storage::kTrellis) parts.insert("trellis");
    for (const DType dtype : {tensor.original_dtype, tensor.values.dtype}) {
      if (dtype == DType::kBF16) parts.insert("bf16");
      if (is_in_numpy(dtype)) continue;
      fail(ErrorCode::kUnsupported, fmt::format("tensor \"{}\" is {}: the Python decoder has no such numbers",
                                                printable(tensor.name), torch_name(dtype)));
    }
  }
  return pack_python(shrink_python(kPythonTemplate, parts));
}

}  // namespace golf
