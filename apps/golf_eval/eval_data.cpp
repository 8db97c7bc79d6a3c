#include "golf_eval/eval_data.h"

#include <fmt/format.h>

#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/formats/token_shard.h"

namespace golf {
namespace {

std::string display_name(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

std::vector<std::string> shard_paths(const std::string& data) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(data, ignored)) return expand_glob(data);
  return expand_glob((std::filesystem::path(data) / "fineweb_val_*.bin").string());
}

}  // namespace

Json to_json(const Fingerprint& fingerprint) {
  return Json::object(
      {{"path", fingerprint.path}, {"bytes", fingerprint.bytes}, {"sha256", fingerprint.sha256}});
}

EvalData load_eval_data(const std::string& data, const std::string& tokenizer, int64_t vocab_size,
                        int64_t max_tokens) {
  EvalData result;
  const Bytes model = read_file(tokenizer);
  const SentencePieceVocab vocab = parse_sentencepiece_vocab(model, display_name(tokenizer));
  result.tokenizer = {tokenizer, model.size(), sha256_hex(model)};
  result.pieces = static_cast<int64_t>(vocab.pieces.size());
  if (result.pieces != vocab_size) {
    fail(ErrorCode::kMismatch,
         fmt::format(
             "{}: has {} pieces, the model's vocabulary {}: use the tokenizer that the model was trained "
             "with",
             display_name(tokenizer), result.pieces, vocab_size));
  }
  result.bytes = make_token_bytes(vocab, vocab_size);

  for (const std::string& path : shard_paths(data)) {
    const Bytes file = read_file(path);
    const std::vector<uint16_t> tokens = parse_token_shard(file, display_name(path), vocab_size);
    result.shards.push_back({{path, file.size(), sha256_hex(file)}, static_cast<int64_t>(tokens.size())});
    result.tokens.insert(result.tokens.end(), tokens.begin(), tokens.end());
    if (max_tokens > 0 && static_cast<int64_t>(result.tokens.size()) >= max_tokens) {
      result.tokens.resize(static_cast<size_t>(max_tokens));
      break;
    }
  }
  return result;
}

}  // namespace golf
