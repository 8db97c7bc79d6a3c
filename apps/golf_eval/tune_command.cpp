#include <CLI/CLI.hpp>
#include <memory>

#include "common/option_checks.h"
#include "common/option_values.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/tune_options.h"

namespace golf {
namespace {

ExitCode run_tune(const TuneOptions& options, const CommonOptions& common) {
  const std::vector<std::string> inputs = checked_inputs({{"MODEL", options.model.model},
                                                          {"--checkpoint", options.checkpoint},
                                                          {"--data", options.text.data},
                                                          {"--tokenizer", options.text.tokenizer}});
  if (options.objective != "loss" && options.objective != "distill") {
    throw UsageError("--objective: expected loss or distill, found " + options.objective);
  }
  check_output(options.output, inputs, /*binary=*/true);
  refuse_json_beside_output(options.output, common.json);
  return tune_model(options, common);
}

void add_descent_options(CLI::App& app, TuneOptions& options) {
  constexpr const char* kTuning = "Tuning";
  app.add_option(
         "--objective", options.objective,
         "what falls: distill, the KL divergence from the checkpoint's predictions; loss, the loss on "
         "the text")
      ->type_name("NAME")
      ->check(known_values({"distill", "loss"}))
      ->capture_default_str()
      ->group(kTuning);
  app.add_option("--seconds", options.seconds, "take as many steps as fit, measurements included; at least 1")
      ->type_name("S")
      ->capture_default_str()
      ->check(CLI::Range(1e-3, 1e6))
      ->group(kTuning);
  app.add_option("--steps", options.steps, "take so many steps instead; the same bytes on every run")
      ->type_name("N")
      ->default_str("as many as fit in --seconds")
      ->check(at_least(1))
      ->group(kTuning);
  app.add_option("--batch-tokens", options.batch_tokens, "of a step, in whole windows, at least one")
      ->type_name("TOKENS")
      ->capture_default_str()
      ->check(at_least(1))
      ->group(kTuning);
  app.add_option("--lr", options.lr,
                 "by how much of its size a float can change in the first step; falls to 0")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(CLI::Range(1e-7, 0.5))
      ->group(kTuning);
}

}  // namespace

void add_tune_command(CommandLine& line) {
  const auto shared = std::make_shared<TuneOptions>();
  TuneOptions& options = *shared;
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval tune",
          .usage = "MODEL -o FILE.golf --checkpoint FILE --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Tunes the floats of a .golf artifact on training text by gradient descent: step sizes, "
              "scales, "
              "gains, norms and gates. The integers stay as they are. The tuned artifact is written only "
              "where the loss on a held-out part of the text falls, and says what text it saw.",
          .examples = "golf-eval tune model.golf -o tuned.golf --checkpoint final.safetensors \\\n"
                      "  --data data/ --tokenizer fineweb_1024_bpe.model --seconds 300",
          .gate = "the held-out loss does not fall, or the result is over budget: nothing is written",
      },
      [shared](const CommonOptions& common) { return run_tune(*shared, common); });
  add_model_options(app, options.model, "artifact (.golf); - reads standard input");
  app.add_option("--checkpoint", options.checkpoint, "the weights that the artifact was packed from")
      ->type_name("FILE")
      ->required()
      ->group("Model");
  add_data_options(app, options.text);
  add_other_tokenizer_flag(app, options.text);
  add_validation_flag(app, options.allow_validation);
  app.add_option("--seq-len", options.seq_len, "tokens in one window")
      ->type_name("TOKENS")
      ->default_str("the model's own")
      ->check(at_least(1))
      ->group("Data");
  add_descent_options(app, options);
  add_budget_options(app, options.pack, "Budget");
  app.add_option("-o,--output", options.output, "tuned artifact to write, whole or not at all")
      ->type_name("FILE.golf")
      ->required()
      ->group("Output");
}

}  // namespace golf
