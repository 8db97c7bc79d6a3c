#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/pack_options.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// What two minutes of steps read on a processor, and more.
constexpr int64_t kTuneTokens = 4'194'304;

/// The command line of golf-eval tune.
struct TuneOptions {
  ModelOptions model;
  std::string checkpoint;
  DataOptions text = {
      .data = {}, .tokenizer = {}, .max_tokens = kTuneTokens, .shards_of_folder = "fineweb_train_*.bin"};
  bool allow_validation = false;
  std::optional<int64_t> seq_len;  ///< the model's own unless given
  std::string objective = "distill";
  double seconds = 120;
  int64_t steps = 0;  ///< 0: as many as fit in `seconds`
  int64_t batch_tokens = 4096;
  double lr = 0.002;
  PackOptions pack;  ///< its budget alone
  std::string output;
};

}  // namespace golf
