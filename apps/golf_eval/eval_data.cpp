#include "golf_eval/eval_data.h"

#include <fmt/format.h>

#include <filesystem>

#include "common/text_table.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/formats/token_shard.h"

namespace golf {
namespace {

std::string display_name(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

std::vector<std::string> shard_paths(const DataOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(options.data, ignored)) return expand_glob(options.data);
  return expand_glob((std::filesystem::path(options.data) / options.shards_of_folder).string());
}

}  // namespace

Json to_json(const Fingerprint& fingerprint) {
  return Json::object(
      {{"path", fingerprint.path}, {"bytes", fingerprint.bytes}, {"sha256", fingerprint.sha256}});
}

std::string to_text(const Fingerprint& fingerprint) {
  return fmt::format("{}: {} bytes, SHA-256 {}", display_name(fingerprint.path),
                     with_separators(fingerprint.bytes), fingerprint.sha256);
}

EvalData load_eval_data(const DataOptions& options, int64_t vocab_size) {
  EvalData result{.source = options.data};
  const Bytes model = read_file(options.tokenizer);
  result.vocab = parse_sentencepiece_vocab(model, display_name(options.tokenizer));
  result.tokenizer = {options.tokenizer, model.size(), sha256_hex(model)};
  const auto pieces = static_cast<int64_t>(result.vocab.pieces.size());
  if (vocab_size == 0) vocab_size = pieces;
  if (pieces != vocab_size) {
    fail(ErrorCode::kMismatch,
         fmt::format(
             "{}: has {} pieces, the model's vocabulary {}: use the tokenizer that the model was trained "
             "with",
             display_name(options.tokenizer), pieces, vocab_size));
  }
  result.bytes = make_token_bytes(result.vocab, vocab_size);

  for (const std::string& path : shard_paths(options)) {
    const Bytes file = read_file(path);
    const std::vector<uint16_t> tokens = parse_token_shard(file, display_name(path), vocab_size);
    result.shards.push_back({{path, file.size(), sha256_hex(file)}, static_cast<int64_t>(tokens.size())});
    result.tokens.insert(result.tokens.end(), tokens.begin(), tokens.end());
    if (options.max_tokens > 0 && static_cast<int64_t>(result.tokens.size()) >= options.max_tokens) {
      result.tokens.resize(static_cast<size_t>(options.max_tokens));
      break;
    }
  }
  return result;
}

ByteProof EvalData::prove(int64_t seq_len) const {
  const auto targets = static_cast<size_t>(trimmed_targets(static_cast<int64_t>(tokens.size()), seq_len));
  return prove_bytes(vocab, bytes, std::span(tokens).first(targets + 1));
}

WindowPlan plan_for(const EvalSettings& settings, const EvalData& data) {
  try {
    return make_plan(settings, trimmed_targets(static_cast<int64_t>(data.tokens.size()), settings.seq_len));
  } catch (const Error& error) {
    fail_within(display_name(data.shards.size() == 1 ? data.shards[0].file.path : data.source), error);
  }
}

}  // namespace golf
