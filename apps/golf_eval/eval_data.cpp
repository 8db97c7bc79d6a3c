#include "golf_eval/eval_data.h"

#include <fmt/format.h>

#include "common/text_table.h"
#include "golf/artifact/base/error.h"

namespace golf {

std::string to_text(const Fingerprint& fingerprint) {
  return fmt::format("{}: {} bytes, SHA-256 {}", display_name(fingerprint.path),
                     with_separators(fingerprint.bytes), fingerprint.sha256);
}

EvalData load_eval_data(const DataOptions& options, int64_t vocab_size) {
  const KnownData known = KnownData::load(options.known_data);
  EvalData data{.source = options.data, .tokenizer = read_tokenizer(options.tokenizer, vocab_size)};
  data.text =
      read_text(find_shards(options.data, options.shards_of_folder), data.tokenizer, options.max_tokens);
  data.identity = identify_text(data.text, data.tokenizer, known);
  if (!options.text_file.empty()) data.documents = read_documents(options.text_file);
  return data;
}

TextView EvalData::scored(const EvalSettings& settings) const {
  return text.view().first(kept_targets(settings, text.view().size()) + 1);
}

ByteCountCheck EvalData::check_bytes(const EvalSettings& settings) const {
  const TextView part = scored(settings);
  return documents.empty() ? check_byte_count(part, tokenizer.vocab)
                           : check_byte_count(part, tokenizer.vocab, documents);
}

std::string EvalData::uncountable(const EvalSettings& settings) const {
  const TextView part = scored(settings);
  return uncountable_bytes(part, part.targets(), tokenizer);
}

void EvalData::require_tokenizer(const std::string& recorded, const std::string& model) const {
  if (recorded.empty() || recorded == tokenizer.file.sha256) return;
  fail(ErrorCode::kMismatch,
       fmt::format("{}: is not the tokenizer that {} was made with (SHA-256 {}, not {}): give that one, or "
                   "--allow-other-tokenizer",
                   display_name(tokenizer.file.path), model, recorded, tokenizer.file.sha256));
}

WindowPlan plan_for(const EvalSettings& settings, const EvalData& data) {
  try {
    return make_plan(settings, kept_targets(settings, data.text.view().size()));
  } catch (const Error& error) {
    const auto& shards = data.text.shards;
    fail_within(display_name(shards.size() == 1 ? shards[0].file.path : data.source), error);
  }
}

}  // namespace golf
