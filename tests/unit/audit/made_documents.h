#pragma once

#include <random>
#include <string>
#include <vector>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/text/tokenizer.h"

namespace golf::test {

using Tokens = std::vector<uint16_t>;
using Documents = std::vector<Tokens>;

/// "<unk>", "<s>", "</s>" and 997 pieces of text.
inline Tokenizer thousand_pieces() {
  using Kind = SentencePieceVocab::Kind;
  SentencePieceVocab vocab;
  vocab.pieces = {{"<unk>", 0, Kind::kUnknown}, {"<s>", 0, Kind::kControl}, {"</s>", 0, Kind::kControl}};
  for (int i = 3; i < 1000; ++i) vocab.pieces.push_back({"p" + std::to_string(i), 0, Kind::kNormal});
  return make_tokenizer(std::move(vocab));
}

/// Documents whose tokens are drawn at random, so that no two share thirteen in a row.
class MadeDocuments {
 public:
  explicit MadeDocuments(uint64_t seed) : random_(seed) {}
  Tokens document(size_t tokens) {
    Tokens made(tokens);
    for (uint16_t& token : made) token = static_cast<uint16_t>(3 + random_() % 997);
    return made;
  }
  Documents documents(size_t count, size_t longest) {
    Documents made;
    for (size_t i = 0; i < count; ++i) made.push_back(document(1 + random_() % longest));
    return made;
  }
  uint64_t number() { return random_(); }

 private:
  std::mt19937_64 random_;
};

/// Writes the documents as shards of about `shard_tokens`, PATH_000000.bin and so on, cut wherever a shard is
/// full.
inline void write_shards(const Documents& documents, const std::string& path, size_t shard_tokens) {
  Tokens stream;
  for (const Tokens& document : documents) {
    stream.push_back(1);
    stream.insert(stream.end(), document.begin(), document.end());
  }
  size_t number = 0;
  for (size_t from = 0; from < stream.size(); ++number) {
    const size_t rest = stream.size() - from;
    const size_t count = rest < shard_tokens + 2 ? rest : shard_tokens;  // no shard of a single token
    char name[32];
    std::snprintf(name, sizeof(name), "_%06zu.bin", number);
    write_file_atomic(path + name, encode_token_shard(std::span(stream).subspan(from, count)));
    from += count;
  }
}

}  // namespace golf::test
