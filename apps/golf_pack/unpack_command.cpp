#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf_pack/commands.h"

namespace golf {
namespace {

struct UnpackOptions {
  std::string input;
  std::string output;
  std::string model_config;
  bool per_layer = false;
};

/// The weights under the names that the command promises. @throws Error naming a matrix that a bank lacks
TensorSet unpacked_tensors(LoadedModel& model, const std::string& what, const UnpackOptions& options) {
  if (options.per_layer) return std::move(model.tensors);
  try {
    return model.own_tensors();
  } catch (const Error& error) {
    fail(error.code(),
         fmt::format("{}: {}: --per-layer writes the matrices one by one", printable(what), error.what()));
  }
}

ExitCode unpack_command(const UnpackOptions& options, const CommonOptions& common) {
  check_output(options.output, {options.input});
  Console console("golf-pack", common, options.output == "-");
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  const std::string what = options.input == "-" ? "standard input" : options.input;

  LoadedModel model = load_model(options.input, spec, common.threads);
  if (!model.artifact) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: is a checkpoint already: unpack takes an artifact", printable(what)));
  }
  TensorSet tensors = unpacked_tensors(model, what, options);
  if (const std::string tokenizer = model.tokenizer_sha256(); !tokenizer.empty()) {
    tensors.metadata[kTokenizerKey] = tokenizer;
  }
  const size_t tensor_count = tensors.size();
  const Bytes output = encode_checkpoint({.tensors = std::move(tensors), .spec = model.spec});
  write_file_atomic(options.output, output);

  if (common.json) {
    console.result_json(Json::object({{"schema", "golf.unpack/1"},
                                      {"artifact", what},
                                      {"artifact_bytes", model.file_bytes},
                                      {"checkpoint", options.output},
                                      {"checkpoint_bytes", static_cast<uint64_t>(output.size())},
                                      {"checkpoint_sha256", sha256_hex(output)},
                                      {"tensors", static_cast<uint64_t>(tensor_count)}}));
  } else if (!common.quiet) {
    console.report(fmt::format("{} ({} bytes) -> {} ({} bytes, {} tensors)\n", printable(what),
                               with_separators(model.file_bytes),
                               options.output == "-" ? "standard output" : printable(options.output),
                               with_separators(output.size()), tensor_count));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_unpack_command(CommandLine& line) {
  const auto options = std::make_shared<UnpackOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-pack unpack",
          .usage = "ARTIFACT -o OUT.safetensors [OPTIONS]",
          .description =
              "Writes the weights of an artifact (.golf, .ptz), dequantized to their original dtypes, as a "
              "safetensors checkpoint with the names and shapes of the checkpoint that was packed: parameter "
              "banks such as qo_bank are joined again.",
          .examples = "golf-pack unpack model.golf -o weights.safetensors",
      },
      [options](const CommonOptions& common) { return unpack_command(*options, common); });
  app.add_option("ARTIFACT", options->input, ".golf or .ptz file, - for standard input")->required();
  app.add_option("-o,--output", options->output, "checkpoint to write, whole or not at all")
      ->type_name("FILE")
      ->required()
      ->group("Output");
  app.add_option("--model-config", options->model_config, "model configuration to check the tensors against")
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(model_presets())))
      ->group("Output");
  app.add_flag("--per-layer", options->per_layer,
               "write one matrix a layer, such as blocks.0.attn.c_q.weight, in place of parameter banks")
      ->group("Output");
}

}  // namespace golf
