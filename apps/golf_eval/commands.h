#pragma once

#include <string>

#include "common/command_line.h"
#include "golf_eval/eval_options.h"
#include "golf_eval/tune_options.h"
#include "golf_eval/verify_options.h"

namespace golf {

// Each function adds one command of golf-eval to the line, options and all.

ToolInfo eval_info(const std::string& libtorch_version);
/// golf-eval MODEL --data ... --tokenizer ...: scores a model on a stream of tokens.
void add_eval_options(CommandLine& line);
/// golf-eval calibrate MODEL -o FILE --data ... --tokenizer ....
void add_calibrate_command(CommandLine& line);
/// golf-eval tune ARTIFACT -o FILE --checkpoint FILE --data ... --tokenizer ....
void add_tune_command(CommandLine& line);
/// golf-eval sweep CHECKPOINT --data ... --tokenizer ....
void add_sweep_command(CommandLine& line);
/// golf-eval verify MODEL --claim BPB --data ... --tokenizer ...: a verdict from a sample of windows.
void add_verify_command(CommandLine& line);
/// golf-eval batch MANIFEST -o FILE.jsonl: many scores, one process a device.
void add_batch_command(CommandLine& line);
/// golf-eval caseops encode|decode [FILE]: the text transform of the CaseOps tokenizers.
void add_caseops_command(CommandLine& line);
/// golf-eval audit LOSSES --data ... --tokenizer ...: the score of losses that any program wrote. No
/// LibTorch.
void add_audit_command(CommandLine& line);
/// golf-eval audit-adaptation RECEIPT: what the log of an adapted evaluation proves. No LibTorch.
void add_audit_adaptation_command(CommandLine& line);
/// golf-eval data-audit --data ... --tokenizer ... [--against ...]: what shards hold, and what two sets
/// share. No LibTorch.
void add_data_audit_command(CommandLine& line);
/// golf-eval significance SCORE... --against SCORE...: whether runs are better by a margin. No LibTorch.
void add_significance_command(CommandLine& line);

// What runs a model. Two sources define these: eval_command.cpp, calibrate.cpp, sweep.cpp, tune.cpp and
// verify.cpp where LibTorch is there, eval_without_torch.cpp where it is not
// (docs/adr/0006-golf-eval-without-libtorch.md).

ExitCode evaluate_model(const EvalOptions& options, const CommonOptions& common);
ExitCode calibrate_model(const CalibrateOptions& options, const CommonOptions& common);
ExitCode verify_model(const VerifyOptions& options, const CommonOptions& common);
ExitCode tune_model(const TuneOptions& options, const CommonOptions& common);
ExitCode sweep_model(const SweepOptions& options, const CommonOptions& common);
/// "2.15.0", or "none".
std::string libtorch_version();

}  // namespace golf
