#include "adapt/adapted_receipt.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

std::vector<ReceiptPostProcessor> receipt_post_processors(const PostProcessing& post_processing) {
  std::vector<ReceiptPostProcessor> found;
  const auto add = [&](PostProcessorKind kind, bool counts_in_stream_order) {
    const PostProcessorRow& row = post_processor_row(kind);
    found.push_back({std::string(row.name), row.normalized, counts_in_stream_order});
  };
  if (post_processing.ngram_tilt) add(PostProcessorKind::kNgramTilt, true);
  if (post_processing.ngram_hashed) add(PostProcessorKind::kNgramHashed, false);
  if (post_processing.ngram_exact) add(PostProcessorKind::kNgramExact, false);
  if (!post_processing.paid_prefix.empty()) add(PostProcessorKind::kPaidPrefix, false);
  return found;
}

}  // namespace

Receipt make_receipt(const AdaptAccount& all, const AdaptedEvaluation& evaluation) {
  const Coverage& coverage = evaluation.coverage;
  Receipt receipt{.targets = evaluation.text.targets(),
                  .vocab_size = evaluation.vocab_size,
                  .to_score = {{coverage.first_target, coverage.distinct}},
                  .documents = evaluation.text.document_starts(),
                  .post_processors = receipt_post_processors(evaluation.post_processing)};
  receipt.adapt = to_json(evaluation.config);
  add_events(receipt, all.log);
  receipt.totals = all.stages.back();
  receipt.val_loss = receipt.totals.val_loss();
  receipt.val_bpb = receipt.totals.val_bpb();
  for (const Receipt::Event& event : receipt.events) {
    ++(std::holds_alternative<ScoreEvent>(event) ? receipt.chunks : receipt.updates);
  }
  return receipt;
}

}  // namespace golf
