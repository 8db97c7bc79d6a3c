#include "golf/train/checkpoint/training_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/formats/safetensors.h"

namespace golf {
namespace {

constexpr std::string_view kSchema = "golf.checkpoint/1";
constexpr const char* kMetadataKey = "golf.training";
constexpr const char* kDigestTensor = "sha256";
constexpr size_t kDigestBytes = 64;

}  // namespace

void describe(JsonFields& fields, DataPosition& position) {
  fields.field("shard", position.shard);
  fields.field("offset", position.offset);
}

void describe(JsonFields& fields, LogExtent& extent) {
  fields.field("log_bytes", extent.log_bytes);
  fields.field("metrics_bytes", extent.metrics_bytes);
}

void describe(JsonFields& fields, TrainingCheckpoint& checkpoint) {
  std::string schema(kSchema);
  fields.field("schema", schema);
  if (schema != kSchema) {
    fail(ErrorCode::kUnsupported, fmt::format("schema is \"{}\": this version reads {}", schema, kSchema));
  }
  fields.field("version", checkpoint.version);
  fields.field("dtype", checkpoint.dtype);
  fields.field("shards", checkpoint.shards);
  fields.field("finished_steps", checkpoint.finished_steps);
  fields.field("train_ms", checkpoint.train_ms);
  fields.section("data", checkpoint.data);
  fields.field("qat_started", checkpoint.qat_started);
  fields.section("curriculum", checkpoint.curriculum);
  fields.section("log", checkpoint.log);
  fields.section("config", checkpoint.config);
}

Bytes encode_training_checkpoint(TrainingCheckpoint checkpoint) {
  const std::map<std::string, std::string> metadata = {{kMetadataKey, to_json(checkpoint).dump()}};
  checkpoint.tensors.add(kDigestTensor, make_tensor(DType::kU8, {kDigestBytes}));
  Bytes bytes = encode_safetensors(checkpoint.tensors, metadata);
  const auto end = bytes.end() - static_cast<std::ptrdiff_t>(kDigestBytes);
  const std::string digest = sha256_hex(ByteView(bytes).first(bytes.size() - kDigestBytes));
  std::ranges::copy(as_bytes(digest), end);
  return bytes;
}

std::string checkpoint_digest(ByteView bytes) {
  return std::string(as_text(bytes.last(std::min(bytes.size(), kDigestBytes))));
}

TrainingCheckpoint parse_training_checkpoint(ByteView bytes, const std::string& what) {
  const size_t body_bytes = bytes.size() - std::min(bytes.size(), kDigestBytes);
  if (sha256_hex(bytes.first(body_bytes)) != checkpoint_digest(bytes)) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: is damaged, or no checkpoint of golf-train: its last {} bytes are not the SHA-256 "
                     "of those before them",
                     what, kDigestBytes));
  }
  TensorSet tensors = parse_safetensors(bytes, what);
  const auto found = tensors.metadata.find(kMetadataKey);
  if (found == tensors.metadata.end() || !tensors.contains(kDigestTensor)) {
    fail(
        ErrorCode::kUnsupported,
        fmt::format("{}: is no checkpoint of golf-train: has no \"{}\" in its metadata", what, kMetadataKey));
  }
  const std::string where = fmt::format("{}: metadata \"{}\"", what, kMetadataKey);
  auto checkpoint = [&] {
    try {
      return from_json<TrainingCheckpoint>(parse_json(found->second, where), where);
    } catch (const Error& error) {
      fail_within(where, error);
    }
  }();
  if (checkpoint.finished_steps < 0 || !(checkpoint.train_ms >= 0)) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: {} steps in {} ms cannot be", where,
                                              checkpoint.finished_steps, checkpoint.train_ms));
  }
  const CurriculumState& curriculum = checkpoint.curriculum;
  if (curriculum.seq_len < 0 || curriculum.seq_len_step < 0 ||
      curriculum.seq_len_step > checkpoint.finished_steps) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: a length of {} since step {} of {} cannot be", where, curriculum.seq_len,
                     curriculum.seq_len_step, checkpoint.finished_steps));
  }
  for (NamedTensor& one : tensors) {
    if (one.name != kDigestTensor) checkpoint.tensors.add(std::move(one.name), std::move(one.tensor));
  }
  return checkpoint;
}

namespace {

/// Whether the option, or the section that it is in, may differ.
bool may_change(std::string_view key) {
  return std::ranges::any_of(train_options(), [&](const OptionRow& row) {
    return row.option.on_resume == OnResume::kMayChange && (key == row.key || key.starts_with(row.key + "."));
  });
}

}  // namespace

void require_resumable(const TrainConfig& saved, const TrainConfig& now) {
  const std::map<std::string, Json> before = leaves_of(to_json(saved)), after = leaves_of(to_json(now));
  std::map<std::string, Json> keys = before;
  keys.insert(after.begin(), after.end());
  const auto value = [](const std::map<std::string, Json>& leaves, const std::string& key) {
    const auto found = leaves.find(key);
    return found == leaves.end() ? Json() : found->second;
  };
  for (const auto& [key, any] : keys) {
    const Json was = value(before, key), is = value(after, key);
    if (was == is || may_change(key)) continue;
    fail(
        ErrorCode::kMismatch,
        fmt::format("the run began with {} = {}, this one has {}: give it what it began with (config.json in "
                    "its folder), or train in another folder",
                    key, was.dump(), is.dump()));
  }
}

}  // namespace golf
