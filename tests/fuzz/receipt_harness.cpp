// Receipts of adapted evaluations, and their audit.
#include "fuzz/harness.h"
#include "golf/adapt/adapt_audit.h"

namespace golf::fuzz {
namespace {

void run(ByteView input) {
  Receipt receipt;
  if (!accepts([&] { receipt = parse_receipt(input, "fuzz"); })) return;
  const std::string text = encode(receipt);
  expect(encode(parse_receipt(as_bytes(text), "fuzz")) == text, "a receipt survives another round trip");
  const AdaptAudit audit = audit_adaptation(receipt);
  expect(audit.passed() == broken_conditions(audit).empty(), "an audit agrees with itself");
}

std::vector<Bytes> seeds() {
  Receipt receipt{.targets = 300, .vocab_size = 64, .to_score = {{0, 300}}, .documents = {0, 120, 170}};
  receipt.post_processors = {{"ngram-tilt", true, true}};
  AdaptLog log;
  for (int64_t c = 0; c < 3; ++c) {
    ChunkEvents& events = log.emplace_back();
    events.scored = {.chunk = c, .after_update = c};
    events.scored.ranges.push_back({c * 100, 60, 200, 130.5});
    events.scored.ranges.push_back({c * 100 + 60, 40, 150, 90.25});
    events.updates.push_back({.update = c + 1, .chunk = c, .what = "weights"});
    events.updates[0].saw.push_back({c * 100, 100});
  }
  add_events(receipt, log);
  receipt.totals = {.loss_nats = 662.25, .tokens = 300, .bytes = 1050};
  receipt.chunks = receipt.updates = 3;
  const std::string text = encode(receipt);
  const ByteView view = as_bytes(text);
  return {Bytes(view.begin(), view.end())};
}

}  // namespace

const Harness kReceipt = {.name = "receipt", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
