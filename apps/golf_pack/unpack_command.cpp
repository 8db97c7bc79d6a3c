#include "golf_pack/unpack_command.h"

#include <fmt/format.h>

#include "common/console.h"
#include "common/model_option.h"
#include "common/output_file.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"

namespace golf {

ExitCode unpack_command(const UnpackOptions& options, const CommonOptions& common) {
  check_output(options.output, {options.input});
  Console console("golf-pack", common, options.output == "-");
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  const std::string what = options.input == "-" ? "standard input" : options.input;

  const Bytes input = read_file(options.input);
  LoadedModel model = load_model(input, what, spec, common.threads);
  if (!model.artifact) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: is a checkpoint already: unpack takes an artifact", printable(what)));
  }
  const size_t tensor_count = model.tensors.size();
  const Bytes output = encode_checkpoint({.tensors = std::move(model.tensors), .spec = model.spec});
  write_file_atomic(options.output, output);

  if (common.json) {
    Json json = Json::object();
    json["schema"] = "golf.unpack/1";
    json["artifact"] = what;
    json["artifact_bytes"] = static_cast<uint64_t>(input.size());
    json["checkpoint"] = options.output;
    json["checkpoint_bytes"] = static_cast<uint64_t>(output.size());
    json["checkpoint_sha256"] = sha256_hex(output);
    json["tensors"] = static_cast<uint64_t>(tensor_count);
    console.result_json(json);
  } else if (!common.quiet) {
    console.result(fmt::format("{} ({} bytes) -> {} ({} bytes, {} tensors)\n", printable(what),
                               with_separators(input.size()),
                               options.output == "-" ? "standard output" : printable(options.output),
                               with_separators(output.size()), tensor_count));
  }
  return ExitCode::kDone;
}

}  // namespace golf
