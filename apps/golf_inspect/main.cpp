// golf-inspect: what is in an artifact, checkpoint, shard or tokenizer, byte for byte.
#include <CLI/CLI.hpp>

#include "common/option_checks.h"
#include "common/run_main.h"
#include "golf_inspect/inspect_command.h"

namespace golf {
namespace {

ExitCode run(int argc, char** argv) {
  CommandLine line({
      .name = "golf-inspect",
      .usage = "FILE... [OPTIONS]\n"
               "       golf-inspect RUN_DIR... [--svg FILE] [--json]\n"
               "       golf-inspect --model-config NAME|FILE [OPTIONS]",
      .description =
          "Shows where the bytes of an artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt) go "
          "and whether it fits the budget; describes token shards and tokenizers; draws the losses of "
          "training runs. Kinds are told by content; - is standard input. The rows of a breakdown sum "
          "exactly to the file.",
      .examples = "golf-inspect model.golf --by tensor --top 10\n"
                  "golf-inspect --check --budget 16MB --code train_gpt.py seed1.golf seed2.golf seed3.golf\n"
                  "golf-inspect old.golf --diff new.golf --by layer\n"
                  "golf-inspect model.golf --svg bytes.svg\n"
                  "golf-inspect runs/first runs/second --svg losses.svg\n"
                  "golf-pack final.pt -o - | golf-inspect - --json",
      .gate = "--check found a file over budget",
  });
  CLI::App& app = line.app();
  InspectOptions options;
  app.add_option("FILE", options.files,
                 "artifact, checkpoint, token shard, SentencePiece model or run folder; - for standard input")
      ->type_name("FILE");
  app.add_option("--by", options.by,
                 "rows of the breakdown: tensor, group, layer or scheme [default: group; with "
                 "--compare-codecs tensor]")
      ->type_name("KEY")
      ->group("Breakdown");
  app.add_option("--filter", options.filter, "only tensors whose name matches; the rest becomes one row")
      ->type_name("REGEX")
      ->group("Breakdown");
  app.add_option("--sort", options.sort, "bytes, name, weights, bits, raw, or file for the order in the file")
      ->type_name("KEY")
      ->group("Breakdown");
  app.add_option("--top", options.top, "show this many rows and sum the others into one")
      ->type_name("ROWS")
      ->check(at_least(0))
      ->group("Breakdown");
  app.add_option("--diff", options.diff, "compare FILE with this one")
      ->type_name("OTHER")
      ->group("Breakdown");
  app.add_flag("--compare-codecs", options.compare_codecs,
               "what each codec makes of the artifact's values, and where the bits of golf:9 go")
      ->group("Breakdown");
  app.add_option("--svg", options.svg, "draw the bytes as a treemap, or the losses of runs")
      ->type_name("FILE")
      ->group("Breakdown");

  app.add_flag("--check", options.check, "size gate: exit 1 when any FILE is over budget")->group("Budget");
  app.add_option("--budget", options.budget,
                 "limit on artifact and code together, decimal bytes: 16000000, 16MB")
      ->type_name("BYTES")
      ->group("Budget");
  app.add_option("--code", options.code, "code file as shipped, counted in the budget; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group("Budget");

  app.add_option(
         "--model-config", options.model_config,
         "a model's parameters and stored sizes before any training; with FILE: check its tensors against it")
      ->type_name("NAME|FILE")
      ->group("Model");
  app.add_flag("--dump-config", options.dump_config, "print the model configuration inside FILE as JSON")
      ->group("Model");
  app.add_option("--extract", options.extract, "write one tensor, dequantised, to the file of -o")
      ->type_name("TENSOR")
      ->group("Model");
  app.add_option("-o,--output", options.output, "NumPy file for --extract")
      ->type_name("FILE.npy")
      ->group("Model");
  if (const auto done = line.parse(argc, argv)) return *done;
  return inspect_command(options, line.common());
}

}  // namespace
}  // namespace golf

int main(int argc, char** argv) {
  return golf::run_main("golf-inspect", [&] { return golf::run(argc, argv); });
}
