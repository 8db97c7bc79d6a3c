#include "golf/train/data/data_config.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr EnumName<DataOrder> kDataOrders[] = {
    {DataOrder::kStream, "stream"},
    {DataOrder::kShuffled, "shuffled"},
    {DataOrder::kDocuments, "documents"},
};

}  // namespace

void declare(OptionVisitor& visit, DataConfig& config) {
  visit.field("train_pattern", config.train_pattern,
              {.meaning = "glob of the training shards in the data folder"});
  visit.field(
      "val_pattern", config.val_pattern,
      {.meaning = "glob of the validation shards in the data folder", .on_resume = OnResume::kMayChange});
  visit.enumeration("order", config.order, kDataOrders, {.meaning = "order of the training tokens"});
  visit.field("bos_id", config.bos_id,
              {.meaning = "token that begins a document, for the order documents", .low = 0, .high = 65'535});
  visit.field(
      "seq_len", config.seq_len,
      {.meaning = "tokens of a training sequence; of the order documents, the most that attention spans",
       .low = 1,
       .high = 1 << 20});
  visit.field("batch_tokens", config.batch_tokens,
              {.meaning = "tokens of one optimizer step, over all ranks",
               .low = 1,
               .high = 1 << 30,
               .variables = {"TRAIN_BATCH_TOKENS"}});
  visit.field("grad_accum_steps", config.grad_accum_steps,
              {.meaning = "forward and backward passes a step, over all ranks", .low = 1, .high = 1 << 16});
}

void validate(const DataConfig& data) {
  require(!data.train_pattern.empty(), "data.train_pattern", "is empty");
  require(!data.val_pattern.empty(), "data.val_pattern", "is empty");
  const int64_t micro_batch = data.micro_batch_tokens();
  // Documents are packed one behind the other into a single row of any length.
  const int64_t unit = data.order == DataOrder::kDocuments ? 1 : data.seq_len;
  require(
      micro_batch > 0 && micro_batch % unit == 0, "data.batch_tokens",
      fmt::format("{} tokens over {} gradient accumulation steps is {} each, not a multiple of seq_len {}: "
                  "give a multiple of {}",
                  data.batch_tokens, data.grad_accum_steps, micro_batch, unit, data.grad_accum_steps * unit));
}

}  // namespace golf
