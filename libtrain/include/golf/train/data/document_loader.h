#pragma once

#include "golf/train/data/batch_loader.h"
#include "golf/train/data/shard_stream.h"

namespace golf {

/// Hands out PR 1855's micro-batches, each one row of documents one behind the other. A shard is read from
/// its first document on; each micro-batch takes world spans of micro_batch_tokens + 1 tokens off it, of
/// which rank r keeps the r-th, so that the last token of a span is only ever a target. What is left of a
/// shard when it no longer holds all the spans is passed over. A span begins and ends anywhere in a document;
/// where attention may reach says document_bounds(). Source: docs/SUBMISSIONS.md, PR 1855, Training.
class DocumentLoader : public BatchLoader {
 public:
  /// @param micro_batch_tokens  inputs of a micro-batch of one rank
  /// @param grad_accum_steps    forward passes a step over all ranks; a multiple of ranks.world
  /// @throws Error kInvalidArgument when the ranks do not divide grad_accum_steps; kMismatch when the first
  /// shard has no token `bos_id`
  DocumentLoader(ShardStream stream, int64_t bos_id, int64_t micro_batch_tokens, int64_t grad_accum_steps,
                 RankInfo ranks = {});

  /// @throws Error kMismatch when no shard holds a span for every rank, or one has no token `bos_id`
  TokenBatch next() override;
  DataPosition position() const override { return stream_.position(); }
  void seek(const DataPosition& position) override { stream_.seek(position); }

 private:
  void skip_to_document();

  ShardStream stream_;
  int64_t bos_id_, span_;
};

/// The bounds within which attention stays, as cumulative lengths: 0, every place of `bos_id` among the
/// inputs, a cut every `max_length` tokens of a longer document, the number of inputs.
/// @param max_length  0: no cut
std::vector<int64_t> document_bounds(std::span<const uint16_t> inputs, int64_t bos_id, int64_t max_length);

}  // namespace golf
