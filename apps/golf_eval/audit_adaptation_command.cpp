#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "common/console.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/adapt/adapt_audit.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_views.h"

namespace golf {
namespace {

struct AuditAdaptationOptions {
  std::string receipt;
  std::string output;
};

ExitCode run_audit_adaptation(const AuditAdaptationOptions& options, const CommonOptions& common) {
  if (!options.output.empty()) check_output(options.output, {options.receipt}, /*binary=*/false);
  Console console("golf-eval", common, options.output == "-");
  const Bytes bytes = read_file(options.receipt);
  const std::string name = display_name(options.receipt);
  const AdaptAudit audit = audit_adaptation(parse_receipt(bytes, name));
  const Json found = to_json(audit);
  const Json report = Json::object({{"schema", "golf.audit-adaptation/1"},
                                    {"version", project_version()},
                                    {"commit", git_commit()},
                                    {"receipt", to_json(fingerprint(options.receipt, bytes))},
                                    {"audit", found}});
  const std::string document = report.dump(2) + "\n";
  if (!options.output.empty()) write_file_atomic(options.output, as_bytes(document));
  if (common.json && options.output != "-") {
    print_stdout(document);
  } else if (!common.json) {
    console.report(fmt::format("{}: {} chunks, {} updates, {} tokens, val_bpb {:.6f}\n{}", name,
                               with_separators(audit.chunks), with_separators(audit.updates),
                               with_separators(audit.totals.tokens), audit.totals.val_bpb(),
                               adapt_audit_text(found)));
  }
  if (audit.passed()) return ExitCode::kDone;
  console.refuse(fmt::format("{}: the log breaks {}", name, broken_conditions(audit)));
  return ExitCode::kCheckFailed;
}

}  // namespace

void add_audit_adaptation_command(CommandLine& line) {
  const auto options = std::make_shared<AuditAdaptationOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval audit-adaptation",
          .usage = "RECEIPT [OPTIONS]",
          .description =
              "Proves from the log of an adapted evaluation alone that no token was learned from before it "
              "was scored, that each was scored once, and that the totals follow. Prints what judges may "
              "weigh besides. Runs no model and reads no text.",
          .examples = "golf-eval audit-adaptation receipt.jsonl",
          .gate = "the log breaks one of the four conditions",
      },
      [options](const CommonOptions& common) { return run_audit_adaptation(*options, common); });
  app.add_option("RECEIPT", options->receipt,
                 "what golf-eval --adapt --receipt wrote; - reads standard input")
      ->required();
  app.add_option("-o,--output", options->output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group("Output");
}

}  // namespace golf
