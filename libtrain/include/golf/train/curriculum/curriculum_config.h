#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/train/option/option.h"

namespace golf {

/// What changes about the model and its data while a run goes on. declare() says what each option means.
struct CurriculumConfig {
  double recurrence_start = 0;
  std::string seq_lens = {};
  int64_t rewarm_steps = 0;
  int64_t skipped_batches = 0;

  bool operator==(const CurriculumConfig&) const = default;
};
void declare(OptionVisitor& visit, CurriculumConfig& config);

/// A length of the training sequences and the share of the run up to which it holds.
struct SeqLenStage {
  double until = 1;
  int64_t seq_len = 0;

  bool operator==(const SeqLenStage&) const = default;
};
/// The stages of curriculum.seq_lens in the order of their shares; the last one reaches to the end. A single
/// stage of `seq_len` where there are none.
/// @throws Error kInvalidArgument when one is not LENGTH@SHARE with a length above 0 and a share in (0, 1]
std::vector<SeqLenStage> seq_len_stages(const CurriculumConfig& config, int64_t seq_len);

/// @param seq_len  of the data; the longest stage has it. @throws Error kInvalidArgument naming the field
void validate(const CurriculumConfig& config, int64_t seq_len);

}  // namespace golf
