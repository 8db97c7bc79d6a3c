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
  EvalData data{.source = options.data, .tokenizer = read_tokenizer(options.tokenizer, vocab_size)};
  data.text =
      read_text(find_shards(options.data, options.shards_of_folder), data.tokenizer, options.max_tokens);
  return data;
}

TextView EvalData::scored(int64_t seq_len) const {
  return text.view().first(trimmed_targets(text.view().size(), seq_len) + 1);
}

ByteCountCheck EvalData::check_bytes(int64_t seq_len) const {
  return check_byte_count(scored(seq_len), tokenizer.vocab);
}

std::string EvalData::uncountable(int64_t seq_len) const {
  const TextView part = scored(seq_len);
  return uncountable_bytes(part, part.targets(), tokenizer);
}

WindowPlan plan_for(const EvalSettings& settings, const EvalData& data) {
  try {
    return make_plan(settings, trimmed_targets(data.text.view().size(), settings.seq_len));
  } catch (const Error& error) {
    const auto& shards = data.text.shards;
    fail_within(display_name(shards.size() == 1 ? shards[0].file.path : data.source), error);
  }
}

}  // namespace golf
