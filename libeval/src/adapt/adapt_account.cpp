#include "adapt/adapt_account.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr const char* kAccountTensor = "account";
constexpr std::string_view kLearnerPrefix = "learner.";
constexpr uint64_t kMaxWhat = 64;

void write(ByteWriter& out, const std::vector<BpbTotals>& totals) {
  out.write_varint(totals.size());
  for (const BpbTotals& one : totals) {
    out.write(one.loss_nats);
    out.write(one.tokens);
    out.write(one.bytes);
  }
}

/// A count of things that take at least `least_bytes` each.
size_t read_count(ByteReader& in, uint64_t least_bytes) {
  const uint64_t count = in.read_varint();
  if (count > in.remaining() / least_bytes) in.fail_here("counts more than it holds");
  return static_cast<size_t>(count);
}

std::vector<BpbTotals> read_totals(ByteReader& in) {
  std::vector<BpbTotals> totals(read_count(in, 24));
  for (BpbTotals& one : totals) {
    one.loss_nats = in.read<double>();
    one.tokens = in.read<int64_t>();
    one.bytes = in.read<int64_t>();
  }
  return totals;
}

void write(ByteWriter& out, const ChunkEvents& chunk) {
  out.write(chunk.scored.chunk);
  out.write(chunk.scored.after_update);
  out.write_varint(chunk.scored.ranges.size());
  for (const ScoredRange& range : chunk.scored.ranges) out.write(range);
  out.write_varint(chunk.updates.size());
  for (const UpdateEvent& update : chunk.updates) {
    out.write(update.update);
    out.write(update.chunk);
    out.write_string(update.what);
    out.write_varint(update.saw.size());
    for (const ScoreSegment& saw : update.saw) out.write(saw);
  }
}

ChunkEvents read_chunk(ByteReader& in) {
  ChunkEvents chunk;
  chunk.scored.chunk = in.read<int64_t>();
  chunk.scored.after_update = in.read<int64_t>();
  chunk.scored.ranges.resize(read_count(in, sizeof(ScoredRange)));
  for (ScoredRange& range : chunk.scored.ranges) range = in.read<ScoredRange>();
  chunk.updates.resize(read_count(in, 16));
  for (UpdateEvent& update : chunk.updates) {
    update.update = in.read<int64_t>();
    update.chunk = in.read<int64_t>();
    update.what = in.read_string(kMaxWhat);
    update.saw.resize(read_count(in, sizeof(ScoreSegment)));
    for (ScoreSegment& saw : update.saw) saw = in.read<ScoreSegment>();
  }
  return chunk;
}

void merge(std::vector<BpbTotals>& totals, const std::vector<BpbTotals>& others) {
  if (totals.empty()) totals.resize(others.size());
  for (size_t i = 0; i < std::min(totals.size(), others.size()); ++i) totals[i].add(others[i]);
}

[[noreturn]] void fail_apart() {
  fail(ErrorCode::kMismatch, "the processes of the adapted evaluation have gone through different chunks");
}

}  // namespace

void AdaptAccount::merge(const AdaptAccount& other) {
  golf::merge(before, other.before);
  golf::merge(stages, other.stages);
  if (log.empty()) {
    log = other.log;
    return;
  }
  if (other.log.empty()) return;
  if (log.size() != other.log.size()) fail_apart();
  for (size_t i = 0; i < log.size(); ++i) {
    ChunkEvents& own = log[i];
    const ChunkEvents& added = other.log[i];
    if (own.scored.chunk != added.scored.chunk || own.scored.after_update != added.scored.after_update ||
        own.updates.size() != added.updates.size()) {
      fail_apart();
    }
    own.scored.ranges.insert(own.scored.ranges.end(), added.scored.ranges.begin(), added.scored.ranges.end());
    for (size_t u = 0; u < own.updates.size(); ++u) {
      const auto& saw = added.updates[u].saw;
      own.updates[u].saw.insert(own.updates[u].saw.end(), saw.begin(), saw.end());
    }
  }
}

void AdaptAccount::clear() {
  for (BpbTotals& totals : before) totals = {};
  for (BpbTotals& totals : stages) totals = {};
  for (ChunkEvents& chunk : log) {
    chunk.scored.ranges.clear();
    for (UpdateEvent& update : chunk.updates) update.saw.clear();
  }
}

Bytes encode(const AdaptAccount& account) {
  ByteWriter out;
  write(out, account.before);
  write(out, account.stages);
  out.write_varint(account.log.size());
  for (const ChunkEvents& chunk : account.log) write(out, chunk);
  return out.take();
}

AdaptAccount decode_adapt_account(ByteView bytes, const std::string& what) {
  ByteReader in(bytes, what);
  AdaptAccount account;
  account.before = read_totals(in);
  account.stages = read_totals(in);
  account.log.resize(read_count(in, 18));
  for (ChunkEvents& chunk : account.log) chunk = read_chunk(in);
  in.expect_end();
  return account;
}

EvalResumePoint to_resume_point(const AdaptResumePoint& point) {
  TensorSet tensors;
  for (const NamedTensor& one : point.learner) {
    tensors.add(fmt::format("{}{}", kLearnerPrefix, one.name), one.tensor);
  }
  const Bytes account = encode(point.account);
  tensors.add(kAccountTensor, make_tensor(DType::kU8, {static_cast<int64_t>(account.size())},
                                          std::span<const std::byte>(account)));
  return {.facts = Json::object({{"before_done", point.before_done}, {"next_chunk", point.next_chunk}}),
          .tensors = std::move(tensors)};
}

AdaptResumePoint to_adapt_resume_point(EvalResumePoint point, const std::string& what) {
  AdaptResumePoint adapted{
      .before_done = point.facts.at("before_done").as_bool(),
      .next_chunk = point.facts.at("next_chunk").as_int(),
      .account = decode_adapt_account(point.tensors.at(kAccountTensor).bytes, what + ": account")};
  for (NamedTensor& one : point.tensors) {
    if (!one.name.starts_with(kLearnerPrefix)) continue;
    adapted.learner.add(one.name.substr(kLearnerPrefix.size()), std::move(one.tensor));
  }
  return adapted;
}

}  // namespace golf
