#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/pack_options.h"
#include "common/run_main.h"
#include "common/sizes.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/container/python_decoder.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf_pack/commands.h"
#include "golf_pack/pack_view.h"

namespace golf {
namespace {

struct PackCommandOptions {
  std::string input;
  std::string output;
  PackOptions pack;
  std::string model_config;
  std::string key;        ///< of the state dict; empty: found
  std::string tokenizer;  ///< file; empty: not known
  std::optional<DecoderLanguage> decoder_language = {};
  bool allow_requantize = false;
  bool dry_run = false;
};

DecoderLanguage parse_decoder_language(const std::string& text) {
  if (text == "python") return DecoderLanguage::kPython;
  if (text == "c") return DecoderLanguage::kC;
  fail(ErrorCode::kInvalidArgument, fmt::format("expected python or c, found {}", printable(text)));
}

/// Refuses a FILE.py that cannot be written beside the artifact.
void check_decoder_path(const PackCommandOptions& options) {
  const std::string& decoder = options.pack.request.emit_decoder;
  if (decoder == "-") throw UsageError("--emit-decoder: give a FILE.py, not standard output");
  if (options.dry_run) return;
  check_output(decoder, {options.input}, /*binary=*/false);
  // Neither need exist yet.
  const auto place = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  };
  if (options.output != "-" && place(decoder) == place(options.output)) {
    throw UsageError(fmt::format("{}: is also the artifact: choose another file", printable(decoder)));
  }
}

/// Where an artifact goes that no -o names: beside its checkpoint. @throws UsageError when something is there
std::string default_output(const PackCommandOptions& options) {
  namespace fs = std::filesystem;
  if (options.input == "-") throw UsageError("give -o ARTIFACT for a checkpoint from standard input");
  constexpr std::string_view kIndexEnding = ".index.json";
  std::string path = options.input;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path.ends_with(kIndexEnding)) path.resize(path.size() - kIndexEnding.size());
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (fs::path(path).filename() == "." || fs::path(path).filename() == "..")
    path = fs::canonical(path).string();
  const std::string ending = "." + std::string(format_name(options.pack.request.format));
  std::string output = folder ? path + ending : fs::path(path).replace_extension(ending).string();
  if (fs::exists(output, ignored)) {
    throw UsageError(fmt::format("{}: exists already: give -o ARTIFACT, or --dry-run to see the sizes only",
                                 printable(output)));
  }
  return output;
}

/// Refuses a recipe whose values no .ptz dictionary holds, before anything is read.
void check_recipe_and_format(const PackOptions& pack) {
  if (pack.request.format != ArtifactFormat::kPtz || pack.recipe.empty()) return;
  std::string choices;
  for (const QuantRecipe& recipe : builtin_recipes()) {
    if (recipe.name == pack.recipe && !recipe.ptz_layout.empty()) return;
    if (!recipe.ptz_layout.empty()) choices += (choices.empty() ? "" : ", ") + recipe.name;
  }
  const bool builtin = std::ranges::any_of(
      builtin_recipes(), [&](const QuantRecipe& recipe) { return recipe.name == pack.recipe; });
  if (!builtin || !pack.request.ptz_layout.empty()) return;  // the recipe's file, or pack(), will tell
  throw UsageError(
      fmt::format("--recipe {}: has no dictionary that a .ptz holds: give one of {}, or --format golf",
                  pack.recipe, choices));
}

void check_options(const PackCommandOptions& options) {
  if (options.input.empty()) throw UsageError("give a CHECKPOINT to pack: see golf-pack --help");
  check_recipe_and_format(options.pack);
  if (!options.tokenizer.empty() && options.pack.request.format == ArtifactFormat::kPtz) {
    throw UsageError("--tokenizer: a .ptz has no place for it: leave it out, or use --format golf");
  }
  if (!options.dry_run) check_output(options.output, {options.input});
  if (!options.pack.request.emit_decoder.empty()) {
    check_decoder_path(options);
  } else if (options.decoder_language) {
    throw UsageError("--decoder-language: belongs to --emit-decoder");
  }
}

LoadedModel load_input(const PackCommandOptions& options, const PackRequest& request, PackReport& report,
                       Console& console) {
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  const ModelFile input = read_model_file(options.input);
  const bool artifact = is_artifact(identify(input.bytes));
  if (artifact && !options.allow_requantize && asks_for_schemes(request)) {
    throw UsageError(input.name +
                     ": is an artifact, its weights are already quantized: leave out --recipe and --set to "
                     "keep them, or add --allow-requantize");
  }
  LoadedModel model = load_model(input, spec, request.threads, options.key);
  note_reading(console, input.name, model.notes);
  report = describe_input(options.input, input, model);
  return model;
}

void check_decoder(const LoadedModel& model, const PackRequest& request, Console& console) {
  const ArtifactInfo info = packed_info(model, request);
  parse_option("--emit-decoder", [&] { check_python_decoder(info); });
  if (info.codec.level > fast_python_level() && request.decoder_language == DecoderLanguage::kPython) {
    console.warn(
        fmt::format("{}: in NumPy {} takes about three seconds to decode a million weights, golf:{} a "
                    "quarter of one: --decoder-language c decodes any level fast",
                    printable(request.emit_decoder), to_string(info.codec), fast_python_level()));
  }
}

void write_files(const PackCommandOptions& options, const PackResult& result) {
  if (options.dry_run) return;
  if (!result.decoder.empty()) {
    write_file_atomic(options.pack.request.emit_decoder, as_bytes(result.decoder));
  }
  write_file_atomic(options.output, result.bytes);
}

/// What a calibration would add to an artifact whose steps it can tune; empty when there is one, or nothing.
std::string calibration_hint(const PackRequest& request, const LoadedModel& model) {
  if (request.calibration || (model.artifact && !asks_for_schemes(request))) return {};
  const std::string name = recipe_of(request).name;
  if (name != kDefaultRecipe) return {};
  return "golf-eval calibrate writes a file for --calibration: with it recipe best takes about a fifth fewer "
         "bytes at the same loss (docs/COMPRESSION.md)";
}

ExitCode pack_and_report(const PackCommandOptions& options, const CommonOptions& common, Console& console) {
  PackRequest request = complete_request(options.pack, console);
  request.threads = common.threads;
  request.progress = console.progress();
  if (options.decoder_language) request.decoder_language = *options.decoder_language;
  PackReport report;
  const LoadedModel model = load_input(options, request, report, console);
  request.provenance = provenance_of(fmt::format("golf-pack {} ({})", project_version(), git_commit()),
                                     report, model, options.tokenizer);
  if (!request.emit_decoder.empty()) check_decoder(model, request, console);

  try {
    report.result = refuse_as_usage(printable(report.input), [&] { return pack(model, request); });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kRunFailed) throw;
    console.refuse(fmt::format("{}: nothing was written, please report this", error.what()));
    return ExitCode::kCheckFailed;
  }
  write_files(options, report.result);
  report.output = options.dry_run ? "" : options.output;
  report.decoder = request.emit_decoder;

  if (common.json) {
    console.result_json(pack_report_json(report));
  } else if (!common.quiet) {
    console.report(pack_report_text(report, console.style()));
  }
  if (const std::string hint = calibration_hint(request, model); !hint.empty()) console.note(hint);
  const BudgetReport& budget = report.result.budget;
  if (budget.low_headroom()) {
    console.warn(fmt::format("only {} bytes left, less than the headroom of {}", budget.margin_bytes(),
                             budget.headroom_bytes));
  }
  if (budget.fits()) return ExitCode::kDone;
  console.refuse(over_budget_line(options.output.empty() ? report.input : options.output, budget));
  return ExitCode::kCheckFailed;
}

ExitCode pack_command(const PackCommandOptions& given, const CommonOptions& common) {
  PackCommandOptions options = given;
  if (options.output.empty() && !options.dry_run && !options.input.empty())
    options.output = default_output(options);
  check_options(options);
  Console console("golf-pack", common, options.output == "-" && !options.dry_run);
  return pack_and_report(options, common, console);
}

}  // namespace

ToolInfo pack_info() {
  return {
      .name = "golf-pack",
      .usage = "CHECKPOINT [-o ARTIFACT] [OPTIONS]",
      .description =
          "Turns a checkpoint (safetensors, torch .pt) into an artifact, or repacks an artifact, and says "
          "whether it fits the challenge's budget. The content tells the kind of an input; - is standard "
          "input or output.",
      .examples =
          "golf-pack final.safetensors -o model.golf --code train_gpt.py\n"
          "golf-pack final.pt -o model.ptz --format ptz --recipe baseline-int8\n"
          "golf-pack final.safetensors -o model.golf --fit --code train_gpt.py\n"
          "golf-pack final.safetensors --dry-run --set 'mlp=int6' --codec lzma:9e\n"
          "golf-pack unpack model.golf -o weights.safetensors",
      .gate = "over budget (the artifact is written all the same), or verification failed (nothing is)",
  };
}

void add_pack_options(CommandLine& line) {
  const auto options = std::make_shared<PackCommandOptions>();
  line.on_run([options](const CommonOptions& common) { return pack_command(*options, common); });
  line.retire_option("--list-recipes", "golf-pack recipes");
  line.retire_option("--print-recipe", "golf-pack recipes NAME");
  CLI::App& app = line.app();
  PackRequest& request = options->pack.request;
  app.add_option("CHECKPOINT", options->input,
                 "safetensors (a file, the index or folder of its parts), torch .pt, .golf or .ptz")
      ->type_name("FILE");
  app.add_option(
         "-o,--output", options->output,
         "artifact to write, whole or not at all [default: CHECKPOINT.golf beside it, unless that exists]")
      ->type_name("ARTIFACT")
      ->group("Output");
  parsed_option(
      app, "--format", request.format,
      [options](const std::string& text) {
        choose_format(options->pack.request, text);
        return options->pack.request.format;
      },
      "golf: this project's container; ptz: what the submissions' own Python loads; pgrp: PR 2135's "
      "file, by brotli; gptq: PR 1394's dictionary, for recipes whose own file needs lrzip")
      ->type_name("FORMAT")
      ->check(known_values({"golf", "ptz", "pgrp", "gptq"}))
      ->default_str("golf")
      ->group("Output");
  app.add_option("--byte-shuffle", request.byte_shuffle,
                 "with --format ptz: shuffle the bytes in this stride before the codec (BSHF), as many "
                 "submissions do; "
                 "0: not [default: as the input, else 0]")
      ->type_name("STRIDE")
      ->check(CLI::Range(0, 255))
      ->group("Output");
  app.add_option("--emit-decoder", request.emit_decoder,
                 "with --codec golf: also write Python source that reads the artifact with NumPy; its bytes "
                 "count as code")
      ->type_name("FILE.py")
      ->group("Output");
  parsed_option(
      app, "--decoder-language", options->decoder_language, parse_decoder_language,
      "with --emit-decoder: python reads with NumPy alone; c compiles its own C by cc when it is loaded, "
      "and reads every level of codec golf fast")
      ->type_name("LANGUAGE")
      ->default_str("python")
      ->group("Output");
  app.add_flag("--dry-run", options->dry_run, "do everything except writing")->group("Output");
  app.add_flag("--verify,!--no-verify", request.verify,
               "decode what is written and compare it before reporting success (default)")
      ->group("Output");

  add_recipe_option(app, options->pack, "best; for a ptz baseline-int8, for pgrp pr2135", "Quantization");
  add_scheme_options(app, options->pack, "Quantization");
  app.add_option("--model-config", options->model_config,
                 "model configuration to check against and to store inside [default: the checkpoint's own]")
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(model_presets())))
      ->group("Quantization");
  add_key_option(app, options->key, "Quantization");
  app.add_option("--tokenizer", options->tokenizer,
                 "SentencePiece model whose SHA-256 the artifact records; golf-eval then refuses another one")
      ->type_name("FILE")
      ->group("Quantization");
  app.add_flag("--allow-requantize", options->allow_requantize,
               "let --recipe and --set quantize an artifact again")
      ->group("Quantization");
  add_budget_options(app, options->pack, "Budget");
  parsed_option(app, "--headroom", request.budget.headroom_bytes, parse_byte_count,
                "warn when fewer bytes than this are left")
      ->type_name("BYTES")
      ->default_str("0")
      ->group("Budget");
  add_target_options(app, options->pack, "Budget");
}

}  // namespace golf
