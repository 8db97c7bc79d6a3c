#pragma once

#include <map>
#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/pack/pack.h"

namespace golf {

/// What golf-pack did.
struct PackReport {
  std::string input;
  uint64_t input_bytes = 0;
  std::string input_sha256;
  std::map<std::string, uint64_t> original_bytes;  ///< by tensor, in its original dtype; dropped ones too
  PackResult result;
  std::string output;   ///< empty: a dry run
  std::string decoder;  ///< Python file, one of the budget's code files; empty: none
};

std::string pack_report_text(const PackReport& report, const Style& style);
/// Schema "golf.pack/1".
Json pack_report_json(const PackReport& report);

}  // namespace golf
