#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "common/option_checks.h"
#include "common/option_values.h"
#include "golf_eval/commands.h"
#include "golf_eval/verify_options.h"

namespace golf {
namespace {

/// A score that depends on more than its own window has no sample: what a window costs then follows from the
/// windows before it, which a sample leaves out.
void refuse_dependent(const VerifyOptions& options) {
  const auto refuse = [](const char* option, const char* why) {
    throw UsageError(
        fmt::format("{}: {}: a sample of windows says nothing about the whole; score all of it with "
                    "golf-eval",
                    option, why));
  };
  if (!options.adapt.empty()) {
    refuse("--adapt", "weights that learn depend on all the text that was scored before");
  }
  if (!options.ngram_cache.empty()) {
    refuse("--ngram-cache", "a cache gives probabilities by all the text that was scored before");
  }
  if (options.ngram_tilt) {
    refuse("--ngram-tilt", "the tilt raises tokens by all the text that was scored before");
  }
}

ExitCode run_verify(const VerifyOptions& options, const CommonOptions& common) {
  refuse_dependent(options);
  const std::vector<std::string> inputs = checked_inputs({{"MODEL", options.model.model},
                                                          {"--data", options.text.data},
                                                          {"--tokenizer", options.text.tokenizer}});
  if (!std::isfinite(options.claim)) throw UsageError("--claim: a number is expected");
  if (options.windows.modes.size() != 1) throw UsageError("--mode: a claim is of one mode");
  options.windows.check();
  if (!options.output.empty()) check_output(options.output, inputs, /*binary=*/false);
  return verify_model(options, common);
}

}  // namespace

void add_verify_command(CommandLine& line) {
  const auto shared = std::make_shared<VerifyOptions>();
  VerifyOptions& options = *shared;
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval verify",
          .usage = "MODEL --claim BPB --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Confirms or refutes a claimed score from a sample of its windows. Windows are scored in "
              "random "
              "order until the claim, give or take a tolerance, is confirmed or refuted at the asked "
              "confidence, at the latest when all are scored.",
          .examples = "golf-eval verify model.golf --claim 1.0611 --tolerance 0.01 --data data/ \\\n"
                      "  --tokenizer fineweb_8192_bpe.model --mode sliding --stride 64",
          .gate = "the claim was refuted",
      },
      [shared](const CommonOptions& common) { return run_verify(*shared, common); });
  add_model_options(app, options.model,
                    "artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt); - reads standard input");
  add_data_options(app, options.text);
  add_other_tokenizer_flag(app, options.text);
  add_window_options(app, options.windows, "the model's own", "the model's own");
  app.add_option("--batch-seqs", options.batch_seqs, "windows scored between two looks at the claim")
      ->type_name("N")
      ->default_str("the model's own")
      ->check(at_least(1))
      ->group("Windows");
  constexpr const char* kClaim = "Claim";
  app.add_option("--claim", options.claim, "the claimed score, bits per byte")
      ->type_name("BPB")
      ->required()
      ->check(CLI::Range(1e-6, 64.0))
      ->group(kClaim);
  app.add_option("--tolerance", options.tolerance, "by how much the score may differ from it, either way")
      ->type_name("BPB")
      ->capture_default_str()
      ->check(CLI::Range(1e-9, 64.0))
      ->group(kClaim);
  app.add_option("--confidence", options.confidence, "probability, at least, that the verdict is right")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 1 - 1e-9))
      ->group(kClaim);
  app.add_option(
         "--bound", options.bound,
         "no window's mean loss is taken to be higher, nats a token; a higher one ends the sampling and "
         "all windows are scored")
      ->type_name("NATS")
      ->default_str("ln of the vocabulary, what guessing costs")
      ->check(CLI::Range(1e-3, 1e4))
      ->group(kClaim);
  app.add_option("--seed", options.seed, "of the order of the windows; choose it after the claim was made")
      ->type_name("N")
      ->capture_default_str()
      ->group(kClaim);
  constexpr const char* kRefused = "Refused (such scores depend on more than a window)";
  app.add_option("--adapt", options.adapt, "test-time training: score all of the text with golf-eval --adapt")
      ->type_name("NAME|FILE")
      ->group(kRefused);
  app.add_option("--ngram-cache", options.ngram_cache, "score all of the text with golf-eval --ngram-cache")
      ->type_name("KIND")
      ->group(kRefused);
  app.add_flag("--ngram-tilt", options.ngram_tilt, "score all of the text with golf-eval --ngram-tilt")
      ->group(kRefused);
  app.add_option("-o,--output", options.output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group("Output");
}

}  // namespace golf
