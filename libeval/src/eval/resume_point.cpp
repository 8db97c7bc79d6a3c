#include "eval/resume_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/formats/safetensors.h"

namespace golf {
namespace {

constexpr const char* kResumeKey = "golf.resume";
constexpr const char* kResumeDigest = "sha256";
constexpr size_t kResumeDigestBytes = 64;
constexpr std::string_view kResumeTensor = "resume.";

}  // namespace

Bytes encode_resume_point(const EvalResumePoint& point, const std::string& schema,
                          const std::string& identity) {
  TensorSet tensors;
  for (const NamedTensor& one : point.tensors) {
    tensors.add(fmt::format("{}{}", kResumeTensor, one.name), one.tensor);
  }
  tensors.add(kResumeDigest, make_tensor(DType::kU8, {kResumeDigestBytes}));
  const Json json = Json::object({{"schema", schema}, {"identity", identity}, {"facts", point.facts}});
  Bytes bytes = encode_safetensors(tensors, {{kResumeKey, json.dump()}});
  const std::string digest = sha256_hex(ByteView(bytes).first(bytes.size() - kResumeDigestBytes));
  std::ranges::copy(as_bytes(digest), bytes.end() - static_cast<std::ptrdiff_t>(kResumeDigestBytes));
  return bytes;
}

EvalResumePoint decode_resume_point(ByteView bytes, const std::string& what, const std::string& schema,
                                    const std::string& identity) {
  const size_t body = bytes.size() - std::min(bytes.size(), kResumeDigestBytes);
  if (body == 0 || sha256_hex(bytes.first(body)) != as_text(bytes.last(kResumeDigestBytes))) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: is damaged, or no resume file of golf-eval: remove it to "
                                              "start from the beginning",
                                              what));
  }
  TensorSet tensors = parse_safetensors(bytes, what);
  const auto found = tensors.metadata.find(kResumeKey);
  if (found == tensors.metadata.end()) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: is no resume file of golf-eval: has no \"{}\" in its "
                                              "metadata",
                                              what, kResumeKey));
  }
  const Json json = parse_json(found->second, what);
  if (json.at("schema").as_string() != schema) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: schema is {}: {} expected: remove it, or give --resume another file", what,
                     json.at("schema").dump(), schema));
  }
  if (json.at("identity").as_string() != identity) {
    fail(
        ErrorCode::kMismatch,
        fmt::format("{}: belongs to another evaluation (model, text, settings or program differ): remove it, "
                    "or give --resume another file",
                    what));
  }
  EvalResumePoint point{.facts = json.at("facts")};
  for (NamedTensor& one : tensors) {
    if (!one.name.starts_with(kResumeTensor)) continue;
    point.tensors.add(one.name.substr(kResumeTensor.size()), std::move(one.tensor));
  }
  return point;
}

}  // namespace golf
