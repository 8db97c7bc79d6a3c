#include "golf_pack/prefix_command.h"

#include <fmt/format.h>

#include "common/console.h"
#include "common/output_file.h"
#include "common/text_table.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/paid_prefix.h"
#include "golf/artifact/text/tokenized_text.h"

namespace golf {

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
    Json json = Json::object();
    json["schema"] = "golf.prefix/1";
    json["path"] = options.output;
    json["tokens"] = options.tokens;
    json["bytes"] = static_cast<uint64_t>(prefix.size());
    json["sha256"] = sha256_hex(prefix);
    console.result_json(json);
  } else if (!common.quiet) {
    console.result(fmt::format("{} targets in {} bytes ({:.3f} bits/token) -> {}\n",
                               with_separators(options.tokens), with_separators(prefix.size()),
                               8.0 * static_cast<double>(prefix.size()) / static_cast<double>(options.tokens),
                               options.output == "-" ? "standard output" : printable(options.output)));
  }
  return ExitCode::kDone;
}

}  // namespace golf
