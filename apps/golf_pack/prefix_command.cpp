#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/paid_prefix.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf_pack/commands.h"

namespace golf {
namespace {

struct PrefixOptions {
  std::string data;  ///< glob of token shards
  int64_t tokens = 0;
  int64_t vocab_size = 0;  ///< 0: token ids are not checked
  std::string output;
};

ExitCode prefix_command(const PrefixOptions& options, const CommonOptions& common) {
  const std::vector<ShardFiles> shards = find_shards(options.data);
  std::vector<std::string> inputs;
  for (const ShardFiles& shard : shards) inputs.push_back(shard.path);
  check_output(options.output, inputs);
  Console console("golf-pack", common, options.output == "-");
  const std::vector<uint16_t> stream = read_tokens(shards, options.vocab_size);
  // Target t is token t + 1: the first token is given, never predicted.
  const auto available = static_cast<int64_t>(stream.size()) - 1;
  if (options.tokens > available) {
    fail(ErrorCode::kMismatch, fmt::format("{}: {} targets asked for, the stream has {}",
                                           printable(options.data), options.tokens, available));
  }
  const auto targets = std::span(stream).subspan(1, static_cast<size_t>(options.tokens));
  const Bytes prefix = encode_paid_prefix(targets);
  write_file_atomic(options.output, prefix);

  if (common.json) {
    console.result_json(Json::object({{"schema", "golf.prefix/1"},
                                      {"path", options.output},
                                      {"tokens", options.tokens},
                                      {"bytes", static_cast<uint64_t>(prefix.size())},
                                      {"sha256", sha256_hex(prefix)}}));
  } else if (!common.quiet) {
    console.report(fmt::format("{} targets in {} bytes ({:.3f} bits/token) -> {}\n",
                               with_separators(options.tokens), with_separators(prefix.size()),
                               8.0 * static_cast<double>(prefix.size()) / static_cast<double>(options.tokens),
                               options.output == "-" ? "standard output" : printable(options.output)));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_prefix_command(CommandLine& line) {
  const auto options = std::make_shared<PrefixOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-pack prefix",
          .usage = "--data GLOB --tokens N -o FILE [OPTIONS]",
          .description =
              "Builds a paid prefix: the first targets of a validation stream, compressed. Its bytes "
              "count in the budget.",
          .examples = "golf-pack prefix --data 'fineweb_val_*.bin' --tokens 100000 -o prefix.xz",
      },
      [options](const CommonOptions& common) { return prefix_command(*options, common); });
  app.add_option("--data", options->data, "token shards, joined in the order of their names")
      ->type_name("GLOB")
      ->required()
      ->group("Prefix");
  app.add_option("--tokens", options->tokens, "targets to pay for, in tokens")
      ->type_name("N")
      ->required()
      ->check(at_least(1))
      ->group("Prefix");
  app.add_option("--vocab-size", options->vocab_size, "refuse tokens from this id on; 0 leaves the check out")
      ->type_name("N")
      ->check(at_least(0))
      ->group("Prefix");
  app.add_option("-o,--output", options->output, "file to write, whole or not at all")
      ->type_name("FILE")
      ->required()
      ->group("Output");
}

}  // namespace golf
