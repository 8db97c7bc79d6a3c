#pragma once

#include <cstdint>
#include <string>

#include "golf/train/option/option.h"

namespace golf {

/// In which order a run reads its training tokens.
enum class DataOrder {
  kStream,     ///< one shard after another, in rows that do not mind documents (upstream)
  kShuffled,   ///< rows of each shard in a random order, from all shards of a rank by turns (PR 1394)
  kDocuments,  ///< one shard after another; attention stays inside a document (PR 1855)
};

/// What a run reads. declare() says what each option means.
struct DataConfig {
  std::string train_pattern = "fineweb_train_*.bin";
  std::string val_pattern = "fineweb_val_*.bin";
  DataOrder order = DataOrder::kStream;
  int64_t bos_id = 1;
  int64_t seq_len = 1024;
  int64_t batch_tokens = 524'288;
  int64_t grad_accum_steps = 8;

  /// Tokens of one forward and backward pass.
  int64_t micro_batch_tokens() const { return batch_tokens / grad_accum_steps; }
  bool operator==(const DataConfig&) const = default;
};
void declare(OptionVisitor& visit, DataConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const DataConfig& config);

}  // namespace golf
