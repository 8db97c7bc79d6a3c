#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/container/model_file.h"
#include "golf/artifact/pack/pack.h"
#include "golf/artifact/report/breakdown.h"

namespace golf {

/// What was packed, and what became of it.
struct PackReport {
  std::string input;
  uint64_t input_bytes = 0;
  std::string input_sha256;
  std::map<std::string, uint64_t> original_bytes;  ///< by tensor, in its original dtype; dropped ones too
  PackResult result;
  std::string output;   ///< empty: a dry run
  std::string decoder;  ///< Python file, one of the budget's code files; empty: none
};

/// What --format takes: "golf", "ptz", "pgrp" (PR 2135's file) or "gptq" (PR 1394's dictionary).
/// @throws Error kInvalidArgument listing them
void choose_format(PackRequest& request, std::string_view name);

/// The report's part about the input. @param path  as given, "-" for standard input
PackReport describe_input(const std::string& path, const ModelFile& file, const LoadedModel& model);

/// What the artifact says of where it comes from: the tool, the SHA-256 of the input and, where it is known,
/// that of the tokenizer which golf-eval then asks for.
/// @param tokenizer  file; empty: as the input says
/// @throws Error naming the tokenizer; kMismatch when its pieces are not the model's vocabulary
std::map<std::string, std::string> provenance_of(const std::string& tool, const PackReport& report,
                                                 const LoadedModel& model, const std::string& tokenizer);

/// A group of the artifact and what its tensors were before.
struct GroupRow {
  BreakdownRow after;
  uint64_t before_bytes = 0;
};
/// Groups of which nothing is left come last.
std::vector<GroupRow> group_rows(const PackReport& report);

/// Schema "golf.pack/1".
Json pack_report_json(const PackReport& report);

}  // namespace golf
