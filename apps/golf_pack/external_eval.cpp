#include "golf_pack/external_eval.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <vector>

#include "common/exit_code.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/external_program.h"
#include "golf/artifact/base/json.h"

namespace golf {
namespace {

constexpr const char* kProgram = "golf-eval";
constexpr uint64_t kMostReport = 64 << 20;  ///< bytes; a report names every shard

std::string program_path() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path beside = self.parent_path() / kProgram;
  return !error && ::access(beside.c_str(), X_OK) == 0 ? beside.string() : kProgram;
}

ProgramResult run_golf_eval(ByteView model, const EvalText& text, int threads) {
  std::vector<std::string> command = {program_path(),
                                      "-",
                                      "--data=" + text.data,
                                      "--tokenizer=" + text.tokenizer,
                                      fmt::format("--threads={}", threads),
                                      "--json",
                                      "--quiet"};
  if (text.max_tokens) command.push_back(fmt::format("--max-tokens={}", *text.max_tokens));
  try {
    return run_program(command, model, kMostReport);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    fail(ErrorCode::kUnsupported,
         "--data: needs golf-eval, which is neither beside golf-pack nor on PATH: build it with LibTorch, or "
         "leave out --data");
  }
}

/// golf-eval's last line without its name in front.
std::string complaint(const ProgramResult& result) {
  std::string_view text = result.messages;
  while (text.ends_with('\n')) text.remove_suffix(1);
  text.remove_prefix(text.rfind('\n') + 1);  // npos + 1 is 0
  const std::string name = fmt::format("{}: ", kProgram);
  if (text.starts_with(name)) text.remove_prefix(name.size());
  if (!text.empty()) return std::string(text);
  return result.status ? fmt::format("failed with exit status {}", *result.status) : "was killed";
}

}  // namespace

Evaluation evaluate_externally(ByteView model, const EvalText& text, int threads) {
  const ProgramResult result = run_golf_eval(model, text, threads);
  if (result.status != static_cast<int>(ExitCode::kDone)) {
    const bool refused = result.status == static_cast<int>(ExitCode::kBadInput) ||
                         result.status == static_cast<int>(ExitCode::kCheckFailed);  // proof of bytes
    fail(refused ? ErrorCode::kCorruptData : ErrorCode::kRunFailed,
         fmt::format("{}: {}", kProgram, complaint(result)));
  }
  const std::string what = fmt::format("{}: its report", kProgram);
  const Json report = parse_json(as_text(result.output), what, kMostReport);
  try {
    const Json::Array& results = report.at("results").as_array();
    if (results.empty()) fail(ErrorCode::kCorruptData, "no result");
    return {.bpb = results[0].at("val_bpb").as_double(), .tokens = results[0].at("tokens").as_int()};
  } catch (const Error& error) {
    fail_within(what, error);
  }
}

}  // namespace golf
