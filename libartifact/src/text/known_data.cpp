#include "golf/artifact/text/known_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iterator>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json_fields.h"

namespace golf {

extern const std::string_view kKnownDataJson;  // libartifact/data/known_data.json

void describe(JsonFields& fields, KnownTokenizer& row) {
  fields.field("name", row.name);
  fields.field("pieces", row.pieces);
  fields.field("sha256", row.sha256);
  fields.field("note", row.note);
}

void describe(JsonFields& fields, KnownText& row) {
  fields.field("name", row.name);
  fields.field("tokenizer", row.tokenizer);
  fields.field("role", row.role);
  fields.field("sha256", row.sha256);
  fields.field("pieces", row.pieces);
  fields.field("targets", row.targets);
  fields.field("documents", row.documents);
  fields.field("bytes_per_token", row.bytes_per_token);
}

void describe(JsonFields& fields, KnownData& data) {
  fields.list("tokenizers", data.tokenizers);
  fields.list("texts", data.texts);
}

namespace {

constexpr std::array<int64_t, 2> kSequenceLengths = {1024, 2048};  // to which the published counts are cut
constexpr int64_t kTrainingShardTokens = 100'000'000;
constexpr double kBytesTolerance = 0.002;  // bytes a token are published to four digits

void add(const Json& json, const std::string& what, KnownData& data) {
  KnownData more = from_json<KnownData>(json, what);
  for (const KnownText& row : more.texts) {
    if (row.role == "validation" || row.role == "training") continue;
    fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: texts: role \"{}\" is not one of: validation, training", what, printable(row.role)));
  }
  std::move(more.tokenizers.begin(), more.tokenizers.end(), std::back_inserter(data.tokenizers));
  std::move(more.texts.begin(), more.texts.end(), std::back_inserter(data.texts));
}

enum class Match { kNone, kWhole, kFirstShards };

Match match_digests(const TokenizedText& text, const KnownText& known) {
  if (known.sha256.empty() || text.shards.size() > known.sha256.size()) return Match::kNone;
  for (size_t i = 0; i < text.shards.size(); ++i) {
    if (text.shards[i].file.sha256 != known.sha256[i]) return Match::kNone;
  }
  return text.shards.size() == known.sha256.size() ? Match::kWhole : Match::kFirstShards;
}

bool match_counts(const TokenizedText& text, const Tokenizer& tokenizer, const KnownText& known) {
  if (known.targets == 0 || known.pieces != tokenizer.pieces()) return false;
  const auto cut_to_targets = [&](int64_t length) {
    return (text.read.tokens - 1) / length * length == known.targets;
  };
  if (std::none_of(kSequenceLengths.begin(), kSequenceLengths.end(), cut_to_targets)) return false;
  if (known.documents != 0 && text.read.documents != known.documents) return false;
  const double expected = known.bytes_per_token * static_cast<double>(text.read.tokens);
  return expected == 0 || std::abs(static_cast<double>(text.read.bytes) / expected - 1) < kBytesTolerance;
}

/// How the shards show that they hold training text; empty when they do not.
std::string_view sign_of_training(const TokenizedText& text) {
  for (const TokenizedText::Shard& shard : text.shards) {
    const std::string name = std::filesystem::path(shard.file.path).filename().string();
    if (name.find("_train") != std::string::npos || name.starts_with("train")) return "file name";
    if (shard.tokens == kTrainingShardTokens) return "shard of 100,000,000 tokens";
  }
  return {};
}

}  // namespace

KnownData KnownData::load(const std::string& more) {
  KnownData data;
  add(parse_json(kKnownDataJson, "known_data.json"), "known_data.json", data);
  if (!more.empty()) add(read_json_file(more), printable(more), data);
  return data;
}

const KnownTokenizer* KnownData::find_tokenizer(std::string_view sha256) const {
  const auto found = std::find_if(tokenizers.begin(), tokenizers.end(), [&](const KnownTokenizer& row) {
    return !row.sha256.empty() && row.sha256 == sha256;
  });
  return found == tokenizers.end() ? nullptr : &*found;
}

TextIdentity identify_text(const TokenizedText& text, const Tokenizer& tokenizer, const KnownData& known) {
  return identify_text(text, tokenizer, known, text.view().size());
}

TextIdentity identify_text(const TokenizedText& text, const Tokenizer& tokenizer, const KnownData& known,
                           int64_t tokens) {
  TextIdentity identity{.tokens = tokens};
  if (const KnownTokenizer* row = known.find_tokenizer(tokenizer.file.sha256)) identity.tokenizer = row->name;
  const bool is_cut = identity.tokens < text.read.tokens;
  const auto is = [&](const KnownText& row, bool is_part, std::string by) {
    identity.kind = row.role == "training" ? TextIdentity::Kind::kTraining
                    : is_part              ? TextIdentity::Kind::kPrefix
                                           : TextIdentity::Kind::kWhole;
    identity.name = row.name;
    identity.by = std::move(by);
    return identity;
  };
  for (const KnownText& row : known.texts) {
    const Match match = match_digests(text, row);
    if (match != Match::kNone) return is(row, is_cut || match == Match::kFirstShards, "sha256");
  }
  if (const std::string_view sign = sign_of_training(text); !sign.empty()) {
    identity.kind = TextIdentity::Kind::kTraining;
    identity.by = std::string(sign);
    return identity;
  }
  for (const KnownText& row : known.texts) {
    if (match_counts(text, tokenizer, row)) return is(row, is_cut, "numbers of tokens, documents and bytes");
  }
  return identity;
}

std::string TextIdentity::text() const {
  switch (kind) {
    case Kind::kWhole:
      return fmt::format("{}, whole (known by its {})", name, by);
    case Kind::kPrefix:
      return fmt::format("the first {} tokens of {} (known by its {})", tokens, name, by);
    case Kind::kTraining:
      return fmt::format("training text (known by its {})", by);
    case Kind::kUnknown:
      return "unknown";
  }
  return {};
}

Json to_json(const TextIdentity& identity) {
  constexpr std::array<std::string_view, 4> kKinds = {"whole", "prefix", "training", "unknown"};
  return Json::object({{"kind", kKinds[static_cast<size_t>(identity.kind)]},
                       {"name", identity.name},
                       {"known_by", identity.by},
                       {"tokens", identity.tokens},
                       {"text", identity.text()}});
}

Json to_json(const KnownData& data) {
  JsonFields fields = JsonFields::writer();
  KnownData copy = data;
  describe(fields, copy);
  return fields.take();
}

}  // namespace golf
