#include "golf/score/eval_data.h"

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {

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
  if (documents.empty()) return check_byte_count(part, tokenizer.vocab);
  try {
    return check_byte_count(part, tokenizer.vocab, documents);
  } catch (const Error& error) {
    fail_within("--text", error);
  }
}

std::string EvalData::uncountable(const EvalSettings& settings) const {
  const TextView part = scored(settings);
  return uncountable_bytes(part, part.targets(), tokenizer);
}

WindowPlan plan_for(const EvalSettings& settings, const EvalData& data) {
  try {
    return make_plan(settings, kept_targets(settings, data.text.view().size()));
  } catch (const Error& error) {
    const auto& shards = data.text.shards;
    fail_within(display_name(shards.size() == 1 ? shards[0].file.path : data.source), error);
  }
}

Json data_json(const EvalData& data) {
  Json files = Json::array();
  for (const TokenizedText::Shard& shard : data.text.shards) {
    Json file = to_json(shard.file);
    file["tokens"] = shard.tokens;
    if (shard.sidecar) file["byte_sidecar"] = to_json(*shard.sidecar);
    files.push_back(std::move(file));
  }
  return Json::object({{"tokens", data.text.view().size()},
                       {"bytes_from", byte_source_name(data.text.byte_source)},
                       {"identity", to_json(data.identity)},
                       {"files", std::move(files)}});
}

Json tokenizer_json(const EvalData& data) {
  Json json = to_json(data.tokenizer.file);
  json["pieces"] = data.tokenizer.pieces();
  json["known_as"] = data.identity.tokenizer;
  return json;
}

}  // namespace golf
