#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "golf/adapt/adapt_log.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/json.h"
#include "golf/score/bpb.h"

namespace golf {

/// A post-processor that changed the scores of a receipt.
struct ReceiptPostProcessor {
  std::string name;
  bool normalized = true;  ///< it hands out a distribution
  /// Its counts run over the stream in the stream's order, whatever the order of the scores.
  bool counts_in_stream_order = false;
  bool operator==(const ReceiptPostProcessor&) const = default;
};

/// The log of one adapted evaluation, as a file: JSON, a line each event, in the order in which they
/// happened. The format is in docs/BPB.md.
struct Receipt {
  Json about = Json::object();  ///< model, text, tokenizer, settings: nothing that the audit needs
  int64_t targets = 0;          ///< of the text
  int64_t vocab_size = 0;
  std::vector<ScoreSegment> to_score = {};  ///< targets that the evaluation has to score, ascending
  std::vector<int64_t> documents = {};      ///< first token of each document, ascending
  std::vector<ReceiptPostProcessor> post_processors = {};
  Json adapt = Json::object();  ///< the configuration

  using Event = std::variant<ScoreEvent, UpdateEvent>;
  std::vector<Event> events = {};

  BpbTotals totals = {};  ///< as claimed
  double val_loss = 0, val_bpb = 0;
  int64_t chunks = 0, updates = 0;
};

/// Adds the log's events in order: each chunk's score, then its updates.
void add_events(Receipt& receipt, const AdaptLog& log);

std::string encode(const Receipt& receipt);
/// Reads an untrusted file.
/// @throws Error kCorruptData "what: line N: …", kUnsupported for another schema
Receipt parse_receipt(ByteView bytes, const std::string& what);

}  // namespace golf
