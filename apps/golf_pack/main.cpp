// golf-pack: checkpoint to artifact, and back.
#include <CLI/CLI.hpp>
#include <string_view>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/run_main.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf_pack/pack_command.h"
#include "golf_pack/prefix_command.h"
#include "golf_pack/recipe_views.h"
#include "golf_pack/sweep_command.h"
#include "golf_pack/unpack_command.h"

namespace golf {
namespace {

/// What decides the schemes and the codec.
void add_scheme_options(CLI::App& app, PackOptions& options, const char* default_recipe) {
  app.add_option("--recipe", options.recipe,
                 "which tensor gets which treatment: a built-in name or a JSON file")
      ->type_name("NAME|FILE")
      ->default_str(default_recipe)
      ->group("Quantisation");
  app.add_option(
         "--set", options.overrides,
         "scheme for the tensors whose name matches (int4..int8, ecsq, tcq, fp16, bf16, fp32, drop, "
         "..., with "
         "+gptq, +columns, +rows; docs/FORMAT.md 1.1); repeatable, the last match wins over the recipe")
      ->type_name("REGEX=SCHEME")
      ->allow_extra_args(false)
      ->group("Quantisation");
  app.add_option("--calibration", options.calibration,
                 "statistics of the model at work (golf-eval calibrate), for +gptq, +columns and +rows")
      ->type_name("FILE")
      ->group("Quantisation");
  app.add_option("--keep-float-max", options.keep_float_max,
                 "elements up to which the recipe keeps a tensor as floats [default: the recipe's]")
      ->type_name("ELEMENTS")
      ->check(at_least(0))
      ->group("Quantisation");
  app.add_option("--codec", options.codec,
                 "zstd[:LEVEL], lzma[:PRESET], zlib[:LEVEL], brotli[:QUALITY], golf[:EFFORT] or store "
                 "[default: the recipe's]")
      ->type_name("CODEC")
      ->group("Quantisation");
  app.add_option("--model-config", options.model_config,
                 "model configuration to check against and to store inside [default: the checkpoint's own]")
      ->type_name("NAME|FILE")
      ->group("Quantisation");
}

void add_budget_options(CLI::App& app, PackOptions& options) {
  app.add_option("--budget", options.budget,
                 "limit on artifact and code together, decimal bytes: 16000000, 16MB")
      ->type_name("BYTES")
      ->group("Budget");
  app.add_option("--code", options.code, "code file as shipped, counted in the budget; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group("Budget");
}

ExitCode run_pack(int argc, char** argv) {
  CommandLine line({
      .name = "golf-pack",
      .usage = "CHECKPOINT -o ARTIFACT [OPTIONS]\n"
               "       golf-pack unpack ARTIFACT -o OUT.safetensors [OPTIONS]\n"
               "       golf-pack sweep CHECKPOINT [OPTIONS]\n"
               "       golf-pack prefix --data GLOB --tokens N -o FILE [OPTIONS]",
      .description =
          "Turns a checkpoint (safetensors, torch .pt) into an artifact, or repacks an artifact, and "
          "says whether it fits the challenge's budget. Input kinds are told by content; - is "
          "standard input or output.",
      .examples = "golf-pack final.safetensors -o model.golf --code train_gpt.py\n"
                  "golf-pack final.pt -o model.ptz --format ptz --recipe baseline-int8\n"
                  "golf-pack final.safetensors -o model.golf --fit --code train_gpt.py\n"
                  "golf-pack final.safetensors --dry-run --set 'mlp=int6' --codec lzma:9e\n"
                  "golf-pack unpack model.golf -o weights.safetensors",
      .gate = "over budget (the artifact is written all the same), or verification failed (nothing is)",
  });
  CLI::App& app = line.app();
  PackOptions options;
  app.add_option("CHECKPOINT", options.input, "safetensors, torch .pt, .golf or .ptz file")
      ->type_name("FILE");
  app.add_option("-o,--output", options.output, "artifact to write, whole or not at all")
      ->type_name("ARTIFACT")
      ->group("Output");
  app.add_option("--format", options.format,
                 "golf: this project's container; ptz: what the entries' own Python loads")
      ->type_name("FORMAT")
      ->group("Output");
  app.add_option(
         "--byte-shuffle", options.byte_shuffle,
         "with --format ptz: shuffle the bytes in this stride before the codec (BSHF), as many entries do; "
         "0: not [default: as the input, else 0]")
      ->type_name("STRIDE")
      ->check(CLI::Range(0, 255))
      ->group("Output");
  app.add_option("--emit-decoder", options.emit_decoder,
                 "with --codec golf: also write Python source that reads the artifact with NumPy; its bytes "
                 "count as code")
      ->type_name("FILE.py")
      ->group("Output");
  app.add_flag("--dry-run", options.dry_run, "do everything except writing")->group("Output");
  app.add_flag("--verify,!--no-verify", options.verify,
               "decode what is written and compare it before reporting success (default)")
      ->group("Output");

  add_scheme_options(app, options, kDefaultRecipe);
  app.add_flag("--allow-requantize", options.allow_requantize,
               "let --recipe and --set quantise an artifact again")
      ->group("Quantisation");
  bool list_recipes = false;
  std::string print_recipe;
  app.add_flag("--list-recipes", list_recipes, "list the built-in recipes, and exit")->group("Quantisation");
  app.add_option("--print-recipe", print_recipe, "print a recipe as the JSON that --recipe takes, and exit")
      ->type_name("NAME")
      ->group("Quantisation");

  add_budget_options(app, options);
  app.add_option("--headroom", options.headroom, "warn when fewer bytes than this are left")
      ->type_name("BYTES")
      ->group("Budget");
  app.add_flag("--fit", options.fit,
               "find the steps of ecsq and tcq with which artifact and code end in the last 0.05 % of the "
               "budget; packs 3 to 6 times (recipe best unless given)")
      ->group("Budget");
  app.add_option("--target-gap", options.target_gap,
                 "with --fit and a calibration: instead of a size, the fewest bytes with which the loss is "
                 "expected to rise by at most so many bits per byte")
      ->type_name("BPB")
      ->check(CLI::Range(1e-9, 100.0))
      ->group("Budget");
  app.add_flag("--prune-to-fit", options.prune_to_fit,
               "zero int6 values of +-1, as few as fit the budget, as PR 993 does; packs about 25 times")
      ->group("Budget");
  if (const auto done = line.parse(argc, argv)) return *done;

  if (list_recipes || !print_recipe.empty()) {
    Console console("golf-pack", line.common());
    if (!print_recipe.empty()) {
      console.result_json(to_json(parse_option("--print-recipe", [&] { return load_recipe(print_recipe); })));
    } else if (line.common().json) {
      console.result_json(recipe_list_json());
    } else {
      console.result(recipe_list_text(console.style()));
    }
    return ExitCode::kDone;
  }
  return pack_command(options, line.common());
}

ExitCode run_unpack(int argc, char** argv) {
  CommandLine line({
      .name = "golf-pack unpack",
      .usage = "ARTIFACT -o OUT.safetensors [OPTIONS]",
      .description =
          "Writes the weights of an artifact (.golf, .ptz), dequantised to their original dtypes, as a "
          "safetensors checkpoint.",
      .examples = "golf-pack unpack model.golf -o weights.safetensors",
  });
  UnpackOptions options;
  line.app().add_option("ARTIFACT", options.input, ".golf or .ptz file, - for standard input")->required();
  line.app()
      .add_option("-o,--output", options.output, "checkpoint to write, whole or not at all")
      ->type_name("FILE")
      ->required()
      ->group("Output");
  line.app()
      .add_option("--model-config", options.model_config, "model configuration to check the tensors against")
      ->type_name("NAME|FILE")
      ->group("Output");
  if (const auto done = line.parse(argc, argv)) return *done;
  return unpack_command(options, line.common());
}

ExitCode run_sweep(int argc, char** argv) {
  CommandLine line({
      .name = "golf-pack sweep",
      .usage = "CHECKPOINT [OPTIONS]",
      .description =
          "Packs a checkpoint at several levels of its free steps, writing no artifact: bytes against the "
          "relative error of the outputs, the level's other side, and with --data against bits per byte.",
      .examples = "golf-pack sweep final.safetensors --calibration moments.safetensors --code train_gpt.py\n"
                  "golf-pack sweep final.safetensors --data 'data/fineweb_val_*.bin' --tokenizer t.model \\\n"
                  "  --max-tokens 131072 --svg sweep.svg",
  });
  CLI::App& app = line.app();
  SweepOptions options;
  options.pack.recipe = kDefaultFitRecipe;
  app.add_option("CHECKPOINT", options.pack.input, "safetensors or torch .pt file")
      ->type_name("FILE")
      ->required();
  app.add_option("--finest", options.finest, "first level: spacing in root mean squares of a matrix")
      ->type_name("LEVEL")
      ->check(CLI::Range(0.002, 16.0))
      ->group("Sweep");
  app.add_option("--coarsest", options.coarsest, "last level")
      ->type_name("LEVEL")
      ->check(CLI::Range(0.002, 16.0))
      ->group("Sweep");
  app.add_option("--points", options.points, "levels, the ends included")
      ->type_name("N")
      ->check(CLI::Range(2, 1000))
      ->group("Sweep");
  app.add_option("--svg", options.svg, "draw bytes against error, and against the gap where it is known")
      ->type_name("FILE")
      ->group("Sweep");
  app.add_option(
         "--data", options.text.data,
         "also measure every point, and the model unquantised, with golf-eval: token shards, a glob, a "
         "file, or a folder of fineweb_val_*.bin")
      ->type_name("GLOB")
      ->group("Measured gap");
  app.add_option("--tokenizer", options.text.tokenizer, "the SentencePiece model the shards were made with")
      ->type_name("FILE")
      ->group("Measured gap");
  app.add_option("--max-tokens", options.text.max_tokens,
                 "measure on the first tokens only; 0: all [default: all]")
      ->type_name("TOKENS")
      ->check(at_least(0))
      ->group("Measured gap");
  add_scheme_options(app, options.pack, kDefaultFitRecipe);
  add_budget_options(app, options.pack);
  if (const auto done = line.parse(argc, argv)) return *done;
  return sweep_command(options, line.common());
}

ExitCode run_prefix(int argc, char** argv) {
  CommandLine line({
      .name = "golf-pack prefix",
      .usage = "--data GLOB --tokens N -o FILE [OPTIONS]",
      .description = "Builds a paid prefix: the first targets of a validation stream, compressed. Its bytes "
                     "count in the budget.",
      .examples = "golf-pack prefix --data 'fineweb_val_*.bin' --tokens 100000 -o prefix.xz",
  });
  PrefixOptions options;
  line.app()
      .add_option("--data", options.data, "token shards, joined in the order of their names")
      ->type_name("GLOB")
      ->required()
      ->group("Prefix");
  line.app()
      .add_option("--tokens", options.tokens, "targets to pay for, in tokens")
      ->type_name("N")
      ->required()
      ->check(at_least(1))
      ->group("Prefix");
  line.app()
      .add_option("--vocab-size", options.vocab_size, "refuse tokens from this id on; 0 leaves the check out")
      ->type_name("N")
      ->check(at_least(0))
      ->group("Prefix");
  line.app()
      .add_option("-o,--output", options.output, "file to write, whole or not at all")
      ->type_name("FILE")
      ->required()
      ->group("Output");
  if (const auto done = line.parse(argc, argv)) return *done;
  return prefix_command(options, line.common());
}

}  // namespace
}  // namespace golf

int main(int argc, char** argv) {
  return golf::run_main("golf-pack", [&] {
    // A command comes first; a checkpoint of that name is written ./unpack.
    if (argc > 1 && std::string_view(argv[1]) == "unpack") return golf::run_unpack(argc - 1, argv + 1);
    if (argc > 1 && std::string_view(argv[1]) == "prefix") return golf::run_prefix(argc - 1, argv + 1);
    if (argc > 1 && std::string_view(argv[1]) == "sweep") return golf::run_sweep(argc - 1, argv + 1);
    return golf::run_pack(argc, argv);
  });
}
