#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/text/caseops.h"
#include "golf_eval/commands.h"

namespace golf {
namespace {

struct CaseOpsOptions {
  std::string direction;
  std::string input = "-";
  std::string output = "-";
};

ExitCode run_caseops(const CaseOpsOptions& options, const CommonOptions& common) {
  const bool encoding = options.direction == "encode";
  if (!encoding && options.direction != "decode") {
    throw UsageError(fmt::format("DIRECTION: expected encode or decode, found {}", options.direction));
  }
  if (options.output != "-") check_output(options.output, {options.input}, /*binary=*/false);
  refuse_json_beside_output(options.output, common.json);
  const Bytes input = read_file(options.input);
  std::string text;
  try {
    text = encoding ? caseops::encode(as_text(input)) : caseops::decode(as_text(input));
  } catch (const Error& error) {
    fail_within(display_name(options.input), error);
  }
  write_file_atomic(options.output, as_bytes(text));
  const auto plain_bytes = static_cast<uint64_t>(encoding ? input.size() : text.size());
  const auto coded_bytes = static_cast<uint64_t>(encoding ? text.size() : input.size());
  Console console("golf-eval", common, options.output == "-");
  if (common.json) {
    console.result_json(Json::object({{"schema", "golf.caseops/1"},
                                      {"direction", options.direction},
                                      {"text_bytes", plain_bytes},
                                      {"coded_bytes", coded_bytes}}));
  } else if (!common.quiet) {
    console.result(fmt::format("{} bytes of text, {} bytes coded\n", plain_bytes, coded_bytes));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_caseops_command(CommandLine& line) {
  const auto options = std::make_shared<CaseOpsOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval caseops",
          .usage = "encode|decode [FILE] [-o FILE]",
          .description =
              "Transforms text as the CaseOps tokenizers' texts are, or back. Words become lower case with "
              "marks (U+E001 to U+E004) that say where the capitals were.",
          .examples = "golf-eval caseops encode text.txt -o coded.txt\n"
                      "golf-eval caseops decode <coded.txt",
      },
      [options](const CommonOptions& common) { return run_caseops(*options, common); });
  app.add_option("DIRECTION", options->direction, "encode or decode")
      ->required()
      ->check(known_values({"encode", "decode"}));
  app.add_option("FILE", options->input, "UTF-8 text; - reads standard input")->default_str("-");
  app.add_option("-o,--output", options->output, "text to write; - is standard output")
      ->type_name("FILE")
      ->default_str("-")
      ->group("Output");
}

}  // namespace golf
