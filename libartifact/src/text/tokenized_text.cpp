#include "golf/artifact/text/tokenized_text.h"

#include <fmt/format.h>

#include <numeric>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/formats/token_shard.h"
#include "text/byte_sidecar.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;

/// Bytes come from one place: either every shard has a sidecar or none has.
void require_one_source(const std::vector<ShardFiles>& shards) {
  const ShardFiles* with = nullptr;
  const ShardFiles* without = nullptr;
  for (const ShardFiles& shard : shards) (shard.sidecar.empty() ? without : with) = &shard;
  if (with == nullptr || without == nullptr) return;
  fail(ErrorCode::kMismatch,
       fmt::format("{}: has no byte sidecar, {} has one: give each shard its own ({}), or none",
                   display_name(without->path), display_name(with->path),
                   display_name(sidecar_name(without->path))));
}

struct Count {
  int64_t targets = 0;
  int64_t first = 0;
  void add(int64_t target) {
    if (targets++ == 0) first = target;
  }
};

}  // namespace

std::string_view byte_source_name(ByteSource source) {
  return source == ByteSource::kTokenizer ? "tokenizer" : "sidecar";
}

int64_t TextView::bytes_of_targets(int64_t count) const {
  const auto of_targets = bytes.subspan(1, static_cast<size_t>(count));
  return std::accumulate(of_targets.begin(), of_targets.end(), int64_t{0});
}

std::vector<int64_t> TextView::document_starts() const {
  std::vector<int64_t> starts;
  if (!document_start) return starts;
  for (int64_t i = 0; i < size(); ++i) {
    if (tokens[static_cast<size_t>(i)] == *document_start) starts.push_back(i);
  }
  return starts;
}

TokenizedText make_text(std::vector<uint16_t> tokens, const TokenBytes& bytes) {
  TokenizedText text{.tokens = std::move(tokens)};
  text.bytes = bytes_of_tokens(bytes, text.tokens);
  return text;
}

TokenizedText read_text(const std::vector<ShardFiles>& shards, const Tokenizer& tokenizer,
                        int64_t max_tokens) {
  require_one_source(shards);
  TokenizedText text{.document_start = tokenizer.document_start};
  for (const ShardFiles& shard : shards) {
    const std::string name = display_name(shard.path);
    const Bytes file = read_file(shard.path);
    const std::vector<uint16_t> tokens = parse_token_shard(file, name, tokenizer.bytes.size());
    text.shards.push_back({fingerprint(shard.path, file), static_cast<int64_t>(tokens.size())});
    text.tokens.insert(text.tokens.end(), tokens.begin(), tokens.end());
    if (!shard.sidecar.empty()) {
      text.byte_source = ByteSource::kSidecar;
      const Bytes sidecar = read_file(shard.sidecar);
      const std::vector<uint16_t> bytes =
          parse_byte_sidecar(sidecar, display_name(shard.sidecar), tokens, name, tokenizer);
      text.shards.back().sidecar = fingerprint(shard.sidecar, sidecar);
      text.bytes.insert(text.bytes.end(), bytes.begin(), bytes.end());
    }
    if (max_tokens > 0 && static_cast<int64_t>(text.tokens.size()) >= max_tokens) break;
  }
  // Before the text is cut: what a token stands for may depend on the next ones.
  if (text.byte_source == ByteSource::kTokenizer) text.bytes = bytes_of_tokens(tokenizer.bytes, text.tokens);
  text.read = {.tokens = static_cast<int64_t>(text.tokens.size()),
               .documents = static_cast<int64_t>(text.view().document_starts().size()),
               .bytes = std::accumulate(text.bytes.begin(), text.bytes.end(), int64_t{0})};
  if (max_tokens > 0 && text.read.tokens > max_tokens) {
    text.tokens.resize(static_cast<size_t>(max_tokens));
    text.bytes.resize(static_cast<size_t>(max_tokens));
  }
  return text;
}

std::vector<uint16_t> read_tokens(const std::vector<ShardFiles>& shards, int64_t vocab_size) {
  std::vector<uint16_t> joined;
  for (const ShardFiles& files : shards) {
    std::vector<uint16_t> shard = read_token_shard(files.path, vocab_size);
    if (joined.empty()) {
      joined = std::move(shard);
    } else {
      joined.insert(joined.end(), shard.begin(), shard.end());
    }
  }
  return joined;
}

std::string uncountable_bytes(const TextView& text, int64_t targets, const Tokenizer& tokenizer) {
  if (text.byte_source == ByteSource::kSidecar) return {};
  const auto& pieces = tokenizer.vocab.pieces;
  enum : uint8_t { kCountable, kUnknown, kOperator };
  std::vector<uint8_t> kinds(static_cast<size_t>(tokenizer.bytes.size()), kCountable);
  for (size_t id = 0; id < pieces.size(); ++id) {
    if (pieces[id].kind == Kind::kUnknown) kinds[id] = kUnknown;
    if (is_operator(pieces[id])) kinds[id] = kOperator;
  }
  Count unknown;
  Count operators;
  for (int64_t target = 0; target < targets; ++target) {
    const uint8_t kind = kinds[text.tokens[static_cast<size_t>(target) + 1]];
    if (kind == kUnknown) unknown.add(target);
    if (kind == kOperator) operators.add(target);
  }
  const auto piece_at = [&](int64_t target) {
    const uint16_t token = text.tokens[static_cast<size_t>(target) + 1];
    return fmt::format("{} \"{}\"", token, printable(pieces[token].text));
  };
  if (operators.targets > 0) {
    const std::string& piece = pieces[text.tokens[static_cast<size_t>(operators.first) + 1]].text;
    return fmt::format(
        "{} user-defined pieces of a text transform, whose bytes cannot be counted without a byte sidecar "
        "(the first is piece {}, U+{:04X}, at target {}): put fineweb_val_bytes_*.bin beside the shards",
        operators.targets, text.tokens[static_cast<size_t>(operators.first) + 1],
        first_code_point(piece).value, operators.first);
  }
  if (unknown.targets > 0) {
    return fmt::format(
        "{} unknown pieces, whose bytes cannot be counted (the first is piece {} at target {}): use a "
        "tokenizer with byte fallback, or a byte sidecar",
        unknown.targets, piece_at(unknown.first), unknown.first);
  }
  return {};
}

void require_countable_bytes(const TextView& text, int64_t targets, const Tokenizer& tokenizer) {
  const std::string reason = uncountable_bytes(text, targets, tokenizer);
  if (!reason.empty()) fail(ErrorCode::kMismatch, reason);
}

}  // namespace golf
