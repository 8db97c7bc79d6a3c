#include "golf/adapt/receipt.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

constexpr std::string_view kReceiptSchema = "golf.adapt.receipt/1";
constexpr size_t kMaxReason = 64;

Json pair_json(int64_t first, int64_t count) { return Json::array({first, count}); }

Json header_json(const Receipt& receipt) {
  Json to_score = Json::array(), documents = Json::array(), post_processors = Json::array();
  for (const ScoreSegment& one : receipt.to_score) to_score.push_back(pair_json(one.first_target, one.count));
  for (const int64_t start : receipt.documents) documents.push_back(start);
  for (const ReceiptPostProcessor& one : receipt.post_processors) {
    post_processors.push_back(Json::object({{"name", one.name},
                                            {"normalized", one.normalized},
                                            {"counts_in_stream_order", one.counts_in_stream_order}}));
  }
  return Json::object({{"schema", kReceiptSchema},
                       {"about", receipt.about},
                       {"adapt", receipt.adapt},
                       {"targets", receipt.targets},
                       {"vocab_size", receipt.vocab_size},
                       {"to_score", std::move(to_score)},
                       {"documents", std::move(documents)},
                       {"post_processors", std::move(post_processors)}});
}

Json to_json(const ScoreEvent& event) {
  Json ranges = Json::array();
  for (const ScoredRange& one : event.ranges) {
    ranges.push_back(Json::array({one.first_target, one.count, one.bytes, one.loss_nats}));
  }
  return Json::object(
      {{"scored", std::move(ranges)}, {"chunk", event.chunk}, {"after_update", event.after_update}});
}

Json to_json(const UpdateEvent& event) {
  Json saw = Json::array();
  for (const ScoreSegment& one : event.saw) saw.push_back(pair_json(one.first_target, one.count));
  return Json::object(
      {{"update", event.update}, {"chunk", event.chunk}, {"what", event.what}, {"saw", std::move(saw)}});
}

Json totals_json(const Receipt& receipt) {
  return Json::object({{"totals", Json::object({{"tokens", receipt.totals.tokens},
                                                {"bytes", receipt.totals.bytes},
                                                {"loss_nats", receipt.totals.loss_nats},
                                                {"val_loss", receipt.val_loss},
                                                {"val_bpb", receipt.val_bpb},
                                                {"chunks", receipt.chunks},
                                                {"updates", receipt.updates}})}});
}

/// One line, its members taken out one by one.
class LineReader {
 public:
  LineReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) fail_here("is no JSON object");
  }
  bool has(std::string_view key) const { return json_.find(key) != nullptr; }
  const Json& member(std::string_view key) const {
    const Json* found = json_.find(key);
    if (found == nullptr) fail_here(fmt::format("has no \"{}\"", key));
    return *found;
  }
  int64_t count(std::string_view key) const { return count(member(key), key); }
  int64_t count(const Json& value, std::string_view key) const {
    if (!value.is_integer()) fail_here(fmt::format("\"{}\" is not a whole number", key));
    try {
      if (value.as_int() >= 0) return value.as_int();
    } catch (const Error& error) {  // more than 63 bits
      fail_within(where_, error);
    }
    fail_here(fmt::format("\"{}\" is below 0", key));
  }
  double number(const Json& value, std::string_view key) const {
    if (!value.is_number()) fail_here(fmt::format("\"{}\" is not a number", key));
    return value.as_double();
  }
  double number(std::string_view key) const { return number(member(key), key); }
  bool flag(std::string_view key) const {
    if (!member(key).is_bool()) fail_here(fmt::format("\"{}\" is not true or false", key));
    return member(key).as_bool();
  }
  std::string text(std::string_view key) const {
    if (!member(key).is_string() || member(key).as_string().size() > kMaxReason) {
      fail_here(fmt::format("\"{}\" is no text of at most {} bytes", key, kMaxReason));
    }
    return member(key).as_string();
  }
  const Json::Array& array(std::string_view key) const {
    if (!member(key).is_array()) fail_here(fmt::format("\"{}\" is no array", key));
    return member(key).as_array();
  }
  /// [first, count, …] with `size` numbers, inside the targets.
  ScoreSegment range(const Json& value, std::string_view key, size_t size, int64_t targets) const {
    if (!value.is_array() || value.as_array().size() != size) {
      fail_here(fmt::format("\"{}\" holds something other than lists of {} numbers", key, size));
    }
    const ScoreSegment found{count(value.as_array()[0], key), count(value.as_array()[1], key)};
    if (found.count == 0 || found.first_target >= targets || found.count > targets - found.first_target) {
      fail_here(fmt::format("\"{}\": {} targets from {} on are not among the text's {}", key, found.count,
                            found.first_target, targets));
    }
    return found;
  }
  [[noreturn]] void fail_here(const std::string& problem) const {
    fail(ErrorCode::kCorruptData, fmt::format("{}: {}", where_, problem));
  }

 private:
  const Json& json_;
  std::string where_;
};

void read_header(const LineReader& line, Receipt& receipt, const std::string& what) {
  if (line.text("schema") != kReceiptSchema) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: schema is \"{}\": this version reads {}", what,
                                              printable(line.text("schema")), kReceiptSchema));
  }
  receipt.about = line.member("about");
  receipt.adapt = line.member("adapt");
  receipt.targets = line.count("targets");
  receipt.vocab_size = line.count("vocab_size");
  int64_t end = 0;
  for (const Json& one : line.array("to_score")) {
    const ScoreSegment range = line.range(one, "to_score", 2, receipt.targets);
    if (range.first_target < end) line.fail_here("\"to_score\" does not ascend");
    end = range.first_target + range.count;
    receipt.to_score.push_back(range);
  }
  for (const Json& one : line.array("documents")) {
    const int64_t start = line.count(one, "documents");
    if (start > receipt.targets || (!receipt.documents.empty() && start <= receipt.documents.back())) {
      line.fail_here("\"documents\" does not ascend to the end of the text");
    }
    receipt.documents.push_back(start);
  }
  for (const Json& one : line.array("post_processors")) {
    const LineReader row(one, what + ": post-processor");
    receipt.post_processors.push_back(
        {row.text("name"), row.flag("normalized"), row.flag("counts_in_stream_order")});
  }
}

ScoreEvent read_score(const LineReader& line, int64_t targets) {
  ScoreEvent event{.chunk = line.count("chunk"), .after_update = line.count("after_update")};
  for (const Json& one : line.array("scored")) {
    const auto [first, count] = line.range(one, "scored", 4, targets);
    event.ranges.push_back(
        {first, count, line.count(one.as_array()[2], "scored"), line.number(one.as_array()[3], "scored")});
  }
  return event;
}

UpdateEvent read_update(const LineReader& line, int64_t targets) {
  UpdateEvent event{.update = line.count("update"), .chunk = line.count("chunk"), .what = line.text("what")};
  for (const Json& one : line.array("saw")) event.saw.push_back(line.range(one, "saw", 2, targets));
  return event;
}

void read_totals(const Json& json, const std::string& where, Receipt& receipt) {
  const LineReader line(json, where);
  receipt.totals = {
      .loss_nats = line.number("loss_nats"), .tokens = line.count("tokens"), .bytes = line.count("bytes")};
  receipt.val_loss = line.number("val_loss");
  receipt.val_bpb = line.number("val_bpb");
  receipt.chunks = line.count("chunks");
  receipt.updates = line.count("updates");
}

}  // namespace

void add_events(Receipt& receipt, const AdaptLog& log) {
  for (const ChunkEvents& chunk : log) {
    if (!chunk.scored.ranges.empty()) receipt.events.emplace_back(chunk.scored);
    for (const UpdateEvent& update : chunk.updates) receipt.events.emplace_back(update);
  }
}

std::string encode(const Receipt& receipt) {
  std::string text = header_json(receipt).dump() + "\n";
  for (const Receipt::Event& event : receipt.events) {
    text += std::visit([](const auto& one) { return to_json(one).dump(); }, event) + "\n";
  }
  return text + totals_json(receipt).dump() + "\n";
}

Receipt parse_receipt(ByteView bytes, const std::string& what) {
  std::string_view rest = as_text(bytes);
  Receipt receipt;
  bool ended = false;
  for (int64_t number = 1; !rest.empty(); ++number) {
    const std::string where = fmt::format("{}: line {}", what, number);
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      fail(ErrorCode::kCorruptData, where + ": is cut off: a receipt ends with a line of totals");
    }
    const Json json = parse_json(rest.substr(0, end), where);
    const LineReader line(json, where);
    rest.remove_prefix(end + 1);
    if (ended) line.fail_here("stands after the totals");
    if (number == 1) {
      read_header(line, receipt, where);
    } else if (line.has("scored")) {
      receipt.events.emplace_back(read_score(line, receipt.targets));
    } else if (line.has("update")) {
      receipt.events.emplace_back(read_update(line, receipt.targets));
    } else {
      read_totals(line.member("totals"), where, receipt);
      ended = true;
    }
  }
  if (!ended) fail(ErrorCode::kCorruptData, what + ": ends without totals: the evaluation was not finished");
  return receipt;
}

}  // namespace golf
