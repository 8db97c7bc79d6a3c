#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/audit/data_audit.h"
#include "golf_eval/commands.h"

namespace golf {
namespace {

constexpr size_t kListedPairs = 20;

struct DataAuditCommand {
  std::string data, against, tokenizer, known_data, output;
  DataAuditOptions audit;
  bool check = false;
};

std::string set_text(const AuditedSet& set) {
  const LengthSummary& tokens = set.tokens_each;
  const LengthSummary& bytes = set.bytes_each;
  std::string text = fmt::format(
      "{}: {} shard{}, {} tokens, {} documents, {} bytes of text by the {}\n  text: {}\n"
      "  tokens a document: {} to {}, median {}, mean {:.1f}\n"
      "  bytes a document: {} to {}, median {}, mean {:.1f}\n",
      printable(set.source), set.shards.size(), set.shards.size() == 1 ? "" : "s",
      with_separators(set.tokens), with_separators(set.documents), with_separators(set.bytes),
      set.byte_source == ByteSource::kSidecar ? "byte sidecars" : "tokenizer's pieces", set.identity.text(),
      with_separators(tokens.least), with_separators(tokens.most), with_separators(tokens.median),
      tokens.mean, with_separators(bytes.least), with_separators(bytes.most), with_separators(bytes.median),
      bytes.mean);
  if (!set.counts_duplicates) text += "  duplicates: not looked for (--all-duplicates)\n";
  return text;
}

std::string place_of(const AuditedSet& set, const DocumentPlace& place) {
  return fmt::format("{} {}:{}", place.number, set.shards[static_cast<size_t>(place.shard)].path,
                     place.position);
}

std::string to_text(const DataAudit& audit, const Style& style) {
  std::string text = set_text(audit.data);
  if (audit.against) {
    text += set_text(*audit.against);
    text += fmt::format("shared: {} documents exactly, {} nearly, {} tokens of {}\n",
                        with_separators(audit.exact_documents), with_separators(audit.near_documents),
                        with_separators(audit.shared_tokens), with_separators(audit.data.tokens));
  }
  TextTable table({{"kind", Align::kLeft},
                   {"13-grams"},
                   {"tokens"},
                   {"document shard:token", Align::kLeft, Fit::kShorten},
                   {"is in", Align::kLeft, Fit::kShorten}});
  const size_t listed = std::min(audit.shared.size(), kListedPairs);
  for (size_t i = 0; i < listed; ++i) {
    const SharedDocument& pair = audit.shared[i];
    table.add({pair.exact ? "exact" : "near", fmt::format("{:.1f}%", pair.share * 100),
               with_separators(pair.tokens), place_of(audit.data, pair.data),
               place_of(*audit.against, pair.other)});
  }
  if (listed > 0) text += "\n" + table.render(style);
  if (listed < audit.shared.size()) {
    text += fmt::format("and {} more: --json lists all\n", with_separators(audit.shared.size() - listed));
  }
  text += fmt::format("\n{}\n", audit.findings.empty() ? "no finding" : "findings:");
  for (const AuditFinding& finding : audit.findings) {
    const std::string level = finding.level == "error"     ? style.red(finding.level)
                              : finding.level == "warning" ? style.yellow(finding.level)
                                                           : finding.level;
    text += fmt::format("  {} {}: {}\n", level, finding.id, finding.text);
  }
  return text;
}

ExitCode run_data_audit(const DataAuditCommand& command, const CommonOptions& common) {
  for (const std::string& where : {command.data, command.against}) {
    if (where == "-") throw UsageError("--data, --against: shards are read more than once: give files");
  }
  if (!command.output.empty()) {
    check_output(command.output, {command.data, command.against, command.tokenizer}, /*binary=*/false);
  }
  Console console("golf-eval", common, command.output == "-");
  const Tokenizer tokenizer = read_tokenizer(command.tokenizer, 0);
  const KnownData known = KnownData::load(command.known_data);
  DataAuditOptions options = command.audit;
  options.threads = common.threads;
  options.progress = console.progress();
  const DataAudit audit = audit_data(command.data, command.against, tokenizer, known, options);

  Json json = Json::object(
      {{"schema", "golf.data-audit/1"}, {"version", project_version()}, {"commit", git_commit()}});
  json["tokenizer"] = to_json(tokenizer.file);
  json["tokenizer"]["pieces"] = tokenizer.pieces();
  json["tokenizer"]["known_as"] = audit.data.identity.tokenizer;
  Json found = to_json(audit);
  for (auto& [key, value] : found.as_object()) json[key] = std::move(value);
  const std::string document = json.dump(2) + "\n";
  if (!command.output.empty()) write_file_atomic(command.output, as_bytes(document));
  if (common.json) {
    if (command.output != "-") print_stdout(document);
  } else {
    console.report(to_text(audit, console.style()));
  }
  return command.check && audit.has_errors() ? ExitCode::kCheckFailed : ExitCode::kDone;
}

}  // namespace

void add_data_audit_command(CommandLine& line) {
  const auto command = std::make_shared<DataAuditCommand>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval data-audit",
          .usage = "--data GLOB --tokenizer FILE [--against GLOB] [OPTIONS]",
          .description =
              "Reads token shards and says what they hold, and which documents two sets of shards share: "
              "exactly, or nearly by their 13-grams. Names shards and documents. Runs no model. The smaller "
              "set is held in memory, the other one is read once.",
          .examples = "golf-eval data-audit --data data/ --tokenizer fineweb_1024_bpe.model\n"
                      "golf-eval data-audit --data 'data/fineweb_val_*.bin' \\\n"
                      "  --against 'data/fineweb_train_*.bin' --tokenizer fineweb_1024_bpe.model --json",
          .gate = "an error was found and --check was given",
      },
      [command](const CommonOptions& common) { return run_data_audit(*command, common); });
  app.add_option("--data", command->data,
                 "token shards: a glob, a file, or a folder of " + std::string(kValidationShards))
      ->type_name("GLOB")
      ->required()
      ->group("Data");
  app.add_option("--against", command->against,
                 "other token shards, to look for the same documents: a glob, a file, or a folder of " +
                     std::string(kTrainingShards))
      ->type_name("GLOB")
      ->group("Data");
  app.add_option("--tokenizer", command->tokenizer, "the SentencePiece model the shards were made with")
      ->type_name("FILE")
      ->required()
      ->group("Data");
  app.add_option("--known-data", command->known_data,
                 "further tokenizers and texts that the report recognizes, in the form of --list-known-data")
      ->type_name("FILE.json")
      ->group("Data");
  app.add_option("--near", command->audit.near_share,
                 "share of a document's 13-grams that makes it nearly shared, 0.2 to 1")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(CLI::Range(0.2, 1.0))
      ->group("Checks");
  app.add_flag("--all-duplicates", command->audit.all_duplicates,
               "look for repeated documents in the larger set too: 40 bytes of memory a document")
      ->group("Checks");
  app.add_flag("--check", command->check, "exit with status 1 when there is an error")->group("Checks");
  app.add_option("-o,--output", command->output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group("Output");
}

}  // namespace golf
