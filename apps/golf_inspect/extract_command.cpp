// What a file carries, taken out: one tensor for NumPy, the model configuration as JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "common/console.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/npy.h"
#include "golf/artifact/report/file_report.h"
#include "golf_inspect/commands.h"

namespace golf {
namespace {

struct ExtractOptions {
  std::string file;
  std::string tensor;
  std::string output;
  std::string model_config;
  std::string key;
};

ExitCode extract(const ExtractOptions& options, const CommonOptions& common) {
  Console console("golf-inspect", common, options.output == "-");
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  check_output(options.output, {options.file});
  const LoadedModel model = load_model(options.file, spec, common.threads, options.key);
  note_reading(console, options.file, model.notes);
  const Tensor* tensor = model.tensors.find(options.tensor);
  TensorSet own;  // with parameter banks, which load_model() splits
  if (tensor == nullptr && (!model.banks.empty() || !model.tied_head.empty())) {
    own = model.own_tensors();
    tensor = own.find(options.tensor);
  }
  if (tensor == nullptr) {
    std::vector<std::string> names = model.banks;
    for (const auto& [name, other] : model.tensors) names.push_back(name);
    const auto match = closest_match(options.tensor, names);
    throw UsageError(fmt::format("{}: no tensor \"{}\"{}", printable(options.file), printable(options.tensor),
                                 match ? fmt::format(" (did you mean {}?)", printable(*match)) : ""));
  }
  // NumPy has neither bfloat16 nor float8; float32 holds each of their values exactly.
  const bool widens = tensor->dtype == DType::kBF16 || is_float8(tensor->dtype);
  const Tensor widened = widens ? make_tensor<float>(DType::kF32, tensor->shape, to_f32(*tensor)) : Tensor();
  write_file_atomic(options.output, encode_npy(widens ? widened : *tensor));
  console.note(fmt::format("{}: {} {}", printable(options.tensor), torch_name(tensor->dtype),
                           to_string(tensor->shape)));
  return ExitCode::kDone;
}

struct ConfigOptions {
  std::string file;
  std::string model_config;
};

ExitCode print_config(const ConfigOptions& options, const CommonOptions& common) {
  if (options.file.empty() && options.model_config.empty()) {
    throw UsageError("give a FILE, - for standard input, or --model-config: see golf-inspect config --help");
  }
  std::optional<ModelSpec> spec = read_model_option(options.model_config);
  if (!options.file.empty()) spec = read_report(options.file, spec).spec;
  if (!spec) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: carries no model configuration: name one with --model-config",
                     printable(options.file)));
  }
  Console("golf-inspect", common).result_json(to_json(*spec));
  return ExitCode::kDone;
}

}  // namespace

void add_extract_command(CommandLine& line) {
  const auto options = std::make_shared<ExtractOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-inspect extract",
          .usage = "FILE TENSOR -o FILE.npy [OPTIONS]",
          .description =
              "Writes one tensor, dequantized, as a NumPy file. bfloat16 and float8 become float32, "
              "which has all their values. Of a checkpoint with parameter banks, or an artifact made of "
              "one, both the banks (qo_bank) and their matrices (blocks.0.attn.c_q.weight) have "
              "names.",
          .examples = "golf-inspect extract model.golf blocks.0.attn.c_q.weight -o c_q.npy",
      },
      [options](const CommonOptions& common) { return extract(*options, common); });
  app.add_option("FILE", options->file, "artifact or checkpoint; - for standard input")->required();
  app.add_option("TENSOR", options->tensor, "name of the tensor")->required();
  app.add_option("-o,--output", options->output, "NumPy file to write, whole or not at all")
      ->type_name("FILE.npy")
      ->required()
      ->group("Output");
  add_model_config_option(app, options->model_config, "model configuration to check the tensors against");
  add_key_option(app, options->key, "Model");
}

void add_config_command(CommandLine& line) {
  const auto options = std::make_shared<ConfigOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-inspect config",
          .usage = "FILE [OPTIONS]\n       golf-inspect config --model-config NAME",
          .description = "Prints the model configuration inside a file, or a preset, as JSON. It is what "
                         "--model-config takes.",
          .examples = "golf-inspect config model.golf >model.json\n"
                      "golf-inspect config --model-config baseline",
      },
      [options](const CommonOptions& common) { return print_config(*options, common); });
  app.add_option("FILE", options->file, "artifact or checkpoint; - for standard input")->type_name("FILE");
  add_model_config_option(app, options->model_config,
                          "print this one; with FILE: check its tensors against it");
}

}  // namespace golf
