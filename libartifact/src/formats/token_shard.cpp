#include "golf/artifact/formats/token_shard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/descriptor.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr int32_t kShardVersion = 1;
constexpr int32_t kFewestTokens = 2;  // one input and its target

struct Header {
  int32_t magic;
  int32_t version;
  int32_t token_count;
};

/// @param place  of the first of the tokens in the shard
void check_vocabulary(std::span<const uint16_t> tokens, const std::string& what, int64_t vocab_size,
                      uint64_t place = 0) {
  // Largest first: a loop without an early exit runs at memory speed.
  uint16_t largest = 0;
  for (const uint16_t token : tokens) largest = std::max(largest, token);
  if (vocab_size == 0 || largest < vocab_size) return;
  const auto bad =
      std::find_if(tokens.begin(), tokens.end(), [&](uint16_t token) { return token >= vocab_size; });
  fail(ErrorCode::kMismatch,
       fmt::format(
           "{}: token {} at position {} is not below the vocabulary of {}: use the tokenizer and model "
           "that these shards were made for",
           what, *bad, place + static_cast<uint64_t>(bad - tokens.begin()), vocab_size));
}

/// The number of tokens that the first bytes of a shard give. @param file_bytes  of the whole file
size_t token_count(ByteView bytes, uint64_t file_bytes, const std::string& what) {
  if (bytes.size() < kShardHeaderBytes) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: token shard of {} bytes, its header alone has {}", what,
                                              bytes.size(), kShardHeaderBytes));
  }
  const auto header = ByteReader(bytes, what).read<Header>();
  if (header.magic != kShardMagic) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: not a token shard: first word {}, {} expected", what, header.magic, kShardMagic));
  }
  if (header.version != kShardVersion) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: token shard version {}, {} expected", what, header.version, kShardVersion));
  }
  if (header.token_count < kFewestTokens) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: header says {} tokens, at least {} are needed", what,
                                              header.token_count, kFewestTokens));
  }
  const uint64_t expected = kShardHeaderBytes + sizeof(uint16_t) * static_cast<uint64_t>(header.token_count);
  if (file_bytes != expected) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: header says {} tokens, that is {} bytes, the file has {}",
                                              what, header.token_count, expected, file_bytes));
  }
  return static_cast<size_t>(header.token_count);
}

[[noreturn]] void fail_reading(const std::string& name, const char* action) {
  const int error = errno;
  fail(ErrorCode::kIo, fmt::format("{}: cannot {}: {}", name, action, std::strerror(error)));
}

/// Reads bytes of a file that are there. @return how many arrived, fewer at the end of the file
size_t read_at(int fd, uint64_t offset, std::span<std::byte> bytes, const std::string& name) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_reading(name, "read");
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

}  // namespace

std::vector<uint16_t> parse_token_shard(ByteView bytes, const std::string& what, int64_t vocab_size) {
  std::vector<uint16_t> tokens(token_count(bytes, bytes.size(), what));
  std::memcpy(tokens.data(), bytes.data() + kShardHeaderBytes, tokens.size() * sizeof(uint16_t));
  check_vocabulary(tokens, what, vocab_size);
  return tokens;
}

std::vector<uint16_t> read_token_shard(const std::string& path, int64_t vocab_size) {
  return parse_token_shard(read_file(path), printable(path), vocab_size);
}

TokenShardFile::TokenShardFile(const std::string& path, int64_t vocab_size)
    : name_(printable(path)), vocab_size_(vocab_size) {
  const int fd =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // does not wait for a pipe's writer
  if (fd < 0) fail_reading(name_, "open");
  file_ = std::make_shared<const Descriptor>(fd);
  struct stat status {};
  if (::fstat(fd, &status) != 0) fail_reading(name_, "read");
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: is not a regular file", name_));
  }
  Bytes header(kShardHeaderBytes);
  header.resize(read_at(fd, 0, header, name_));
  size_ = token_count(header, static_cast<uint64_t>(status.st_size), name_);
}

void TokenShardFile::read(uint64_t first, std::span<uint16_t> tokens) const {
  const std::span<std::byte> bytes = std::as_writable_bytes(tokens);
  const uint64_t offset = kShardHeaderBytes + first * sizeof(uint16_t);
  if (read_at(file_->get(), offset, bytes, name_) != bytes.size()) {
    fail(ErrorCode::kIo, fmt::format("{}: has no {} tokens from position {} on: did it change?", name_,
                                     tokens.size(), first));
  }
  check_vocabulary(tokens, name_, vocab_size_, first);
}

Bytes encode_token_shard(std::span<const uint16_t> tokens) {
  if (tokens.size() < kFewestTokens || tokens.size() > std::numeric_limits<int32_t>::max()) {
    fail(ErrorCode::kInvalidArgument, fmt::format("a token shard of {} tokens: {} to 2^31 - 1 are possible",
                                                  tokens.size(), kFewestTokens));
  }
  Bytes bytes(kShardHeaderBytes + tokens.size_bytes());
  const Header header{kShardMagic, kShardVersion, static_cast<int32_t>(tokens.size())};
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + kShardHeaderBytes, tokens.data(), tokens.size_bytes());
  return bytes;
}

}  // namespace golf
