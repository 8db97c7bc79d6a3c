#pragma once

#include <cstdint>
#include <string>

#include "common/command_line.h"
#include "common/exit_code.h"

namespace golf {

struct PrefixOptions {
  std::string data;  ///< glob of token shards
  int64_t tokens = 0;
  int64_t vocab_size = 0;  ///< 0: token ids are not checked
  std::string output;
};

/// The first targets of a validation stream → paid prefix, whose bytes count in the budget.
ExitCode prefix_command(const PrefixOptions& options, const CommonOptions& common);

}  // namespace golf
