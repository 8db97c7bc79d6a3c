#include "encode/codec_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr uint64_t kFirstChunkBytes = uint64_t{1} << 16;

}  // namespace

OutputBuffer::OutputBuffer(uint64_t limit_bytes, AtLimit at_limit, uint64_t expected_bytes, std::string what)
    : limit_bytes_(limit_bytes), at_limit_(at_limit), what_(std::move(what)) {
  bytes_.resize(std::min(limit_bytes, std::max(expected_bytes, kFirstChunkBytes)));
}

std::span<std::byte> OutputBuffer::room() {
  if (size_ == limit_bytes_) return {&overflow_, 1};
  // Half as much again: a bomb that reaches the limit holds little more than the limit while it is copied.
  if (size_ == bytes_.size()) bytes_.resize(std::min(limit_bytes_, size_ + size_ / 2 + kFirstChunkBytes));
  return std::span(bytes_).subspan(size_);
}

void OutputBuffer::wrote(uint64_t count) {
  if (count > 0 && size_ == limit_bytes_) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: decodes to more than the {} bytes allowed", what_, limit_bytes_));
  }
  size_ += count;
}

Bytes OutputBuffer::take() {
  bytes_.resize(size_);
  return std::move(bytes_);
}

void fail_damaged(const std::string& what, std::string_view codec, std::string_view reason) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: the {} stream is damaged: {}", what, codec, reason));
}

void fail_truncated(const std::string& what, std::string_view codec) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: the {} stream is truncated", what, codec));
}

void fail_trailing(const std::string& what, std::string_view codec, uint64_t bytes) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {} bytes after the {} stream", what, bytes, codec));
}

}  // namespace golf
