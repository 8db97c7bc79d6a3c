#include "golf_pack/emit_decoder.h"

#include <fmt/format.h>

#include <filesystem>

#include "common/output_file.h"
#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/python_decoder.h"

namespace golf {
namespace {

/// Efforts above run on so few rows at a time that NumPy does not get going.
constexpr int kFastPythonEffort = 3;

}  // namespace

void check_decoder_path(const PackOptions& options) {
  if (options.emit_decoder == "-") throw UsageError("--emit-decoder: give a FILE.py, not standard output");
  if (options.dry_run) return;
  check_output(options.emit_decoder, {options.input}, /*binary=*/false);
  // Neither need exist yet.
  const auto place = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  };
  if (options.output != "-" && place(options.emit_decoder) == place(options.output)) {
    throw UsageError(
        fmt::format("{}: is also the artifact: choose another file", printable(options.emit_decoder)));
  }
}

std::string decoder_source(const Artifact& artifact) {
  try {
    return python_decoder(artifact);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    throw UsageError(fmt::format("--emit-decoder: {}", error.what()));
  }
}

std::string make_decoder(const std::string& path, const Artifact& artifact, BudgetReport& budget,
                         Console& console) {
  std::string source = decoder_source(artifact);
  budget.code.push_back({path, source.size()});
  if (artifact.info.codec.level > kFastPythonEffort) {
    console.warn(
        fmt::format("{}: in NumPy {} takes about three seconds to decode a million weights, golf:{} a "
                    "quarter of one",
                    printable(path), to_string(artifact.info.codec), kFastPythonEffort));
  }
  return source;
}

}  // namespace golf
