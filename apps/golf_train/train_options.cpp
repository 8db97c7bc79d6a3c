#include <fmt/format.h>
#include <torch/version.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>

#include "common/option_checks.h"
#include "common/run_main.h"
#include "golf/artifact/base/name_or_path.h"
#include "golf/train/config/config_builder.h"
#include "golf/train/config/train_config.h"
#include "golf/train/run/train.h"
#include "golf_train/process.h"
#include "golf_train/train_command.h"

namespace golf {
namespace {

constexpr const char* kExamples =
    "golf-train --config baseline-cpu --data data/ --tokenizer fineweb_1024_bpe.model -o runs/first\n"
    "golf-train --config my.json --set optimizer.matrix_lr=0.02 --max-wallclock 60 --data data/ \\\n"
    "  --tokenizer fineweb_1024_bpe.model --code train_gpt.py -o runs/second --json\n"
    "golf-train --config pr993 --config qat_of_192.json --print-config\n"
    "NUM_LAYERS=8 VE_LAYERS=6,7 XSA_LAST_N=8 MUON_WD=0.05 golf-train --config pr993 --print-config";

ToolInfo tool_info() {
  return {.name = "golf-train",
          .usage = "--config NAME|FILE --data DIR --tokenizer FILE -o RUN_DIR [OPTIONS]",
          .description =
              "Trains a model, packs it and evaluates what was packed. RUN_DIR gets config.json, train.log, "
              "metrics.jsonl, checkpoints, final.safetensors, the artifact, eval.json and submission.json. "
              "SIGINT and SIGTERM end the step, save and leave.",
          .examples = kExamples,
          .gate = "artifact and code are over the challenge's 16,000,000 bytes",
          .libtorch_version = fmt::format("{} (ranks: {})", TORCH_VERSION, available_backends())};
}

std::string config_help() {
  std::string text =
      "configuration: a JSON file, or one of the names below; repeatable, later ones over earlier";
  for (const TrainPreset& preset : train_presets())
    text += fmt::format("\n{}: {}", preset.config.name, preset.summary);
  return text;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const TrainPreset& preset : train_presets()) names.emplace_back(preset.config.name);
  return names;
}

/// An option that is short for one value of the configuration.
struct Shorthand {
  const char* option;
  const char* key;
  const char* type;
  const char* help;
};
constexpr Shorthand kShorthands[] = {
    {"--iterations", "schedule.iterations", "STEPS", "optimizer steps, at most"},
    {"--max-wallclock", "schedule.max_wallclock_seconds", "SECONDS",
     "training time, validation excluded; 0: no cap"},
    {"--checkpoint-every", "training.checkpoint_every", "STEPS",
     "steps between checkpoints; 0: only when the run is stopped"},
    {"--size-every", "export.size_every", "STEPS",
     "pack the weights beside the training every so often and show their bytes; 0: only at the end"},
    {"--seed", "training.seed", "N", "of the initial weights"},
    {"--device", "training.device", "NAME", "auto, cpu, cuda or cuda:INDEX"},
    {"--dtype", "training.dtype", "NAME", "of matrix products: auto (bf16 on CUDA, else fp32), fp32 or bf16"},
};

void check_together(const TrainOptions& options) {
  if (options.print_config) return;
  const TrainJob& job = options.job;
  if (job.data_dir.empty()) throw UsageError("--data DIR is missing: the folder with the token shards");
  if (job.tokenizer.empty())
    throw UsageError("--tokenizer FILE is missing: the one the shards were made with");
  if (job.run_dir.empty()) throw UsageError("-o RUN_DIR is missing: where the run leaves its results");
}

}  // namespace

std::variant<TrainOptions, ExitCode> parse_train_options(int argc, const char* const* argv) {
  TrainOptions options;
  TrainJob& job = options.job;
  CommandLine line(tool_info());
  CLI::App& app = line.app();

  std::string group = "Run";
  app.add_option("--config", options.configs, config_help())
      ->type_name("NAME|FILE")
      ->check(known_values(preset_names()))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  app.add_option("--data", job.data_dir, "folder with the token shards")->type_name("DIR")->group(group);
  app.add_option("--tokenizer", job.tokenizer, "the SentencePiece model the shards were made with")
      ->type_name("FILE")
      ->group(group);
  app.add_option("-o,--output", job.run_dir, "folder for the results, made when it is not there")
      ->type_name("RUN_DIR")
      ->group(group);
  bool replaces = false, resumes = false;
  CLI::Option* force = app.add_flag("--force", replaces, "replace an earlier run in RUN_DIR")->group(group);
  CLI::Option* resume =
      app.add_flag(
             "--resume", resumes,
             "continue the run in RUN_DIR from its newest checkpoint, from the beginning when it has none")
          ->excludes(force)
          ->group(group);
  app.add_option("--checkpoint", job.checkpoint, "with --resume: continue from this checkpoint instead")
      ->type_name("FILE")
      ->needs(resume)
      ->group(group);
  app.add_option("--init", job.init, "checkpoint or artifact to start from instead of fresh weights")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--code", job.code_files, "file that counts as the submission's code; repeatable")
      ->type_name("FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);

  group = "Ranks";
  app.add_option(
         "--nproc,--nproc-per-node", options.processes,
         "start that many ranks on this machine, as torchrun would: a divisor of data.grad_accum_steps")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->group(group);
  app.add_option("--rank-timeout", job.rank_timeout_seconds,
                 "seconds without a heartbeat after which a rank counts as lost and all others exit")
      ->type_name("SECONDS")
      ->check(CLI::Range(1.0, 86'400.0))
      ->group(group);

  group = "Configuration";
  std::vector<std::string> sets;
  app.add_option("--set", sets,
                 "set one value, e.g. optimizer.matrix_lr=0.02; repeatable, wins over the options below")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  std::optional<std::string> values[std::size(kShorthands)];
  for (size_t i = 0; i < std::size(kShorthands); ++i) {
    app.add_option(kShorthands[i].option, values[i], kShorthands[i].help)
        ->type_name(kShorthands[i].type)
        ->group(group);
  }
  bool cuda_graphs = false;
  app.add_flag("--cuda-graphs", cuda_graphs,
               "on a GPU: record a step's passes once as a CUDA graph, then replay them")
      ->group(group);
  app.add_option("--flash-attention", job.flash_attention,
                 "on a GPU in bf16: the library of FlashAttention-3, which then computes attention")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("--print-config", options.print_config, "print every value and where it comes from, and exit")
      ->group(group);

  if (const auto status = line.parse(argc, argv)) return *status;
  options.common = line.common();
  if (replaces) job.start = RunStart::kReplace;
  if (resumes) job.start = RunStart::kContinue;
  for (size_t i = 0; i < std::size(kShorthands); ++i) {
    const auto& [option, key, type, help] = kShorthands[i];
    if (values[i]) options.settings.emplace_back(fmt::format("{}={}", key, *values[i]), option);
  }
  if (options.common.threads > 0) {
    options.settings.emplace_back(fmt::format("training.threads={}", options.common.threads), "--threads");
  }
  if (cuda_graphs) options.settings.emplace_back("training.cuda_graphs=true", "--cuda-graphs");
  for (const std::string& text : sets) options.settings.emplace_back(text, "--set");
  job.version = fmt::format("golf-train {} ({})", project_version(), git_commit());
  job.packer = fmt::format("golf-pack {} ({})", project_version(), git_commit());
  if (options.configs.empty()) options.configs = {"baseline"};
  // The submissions' programs read two paths under these names.
  if (job.data_dir.empty()) job.data_dir = environment_variable("DATA_PATH").value_or("");
  if (job.tokenizer.empty()) job.tokenizer = environment_variable("TOKENIZER_PATH").value_or("");
  check_together(options);
  return options;
}

BuiltConfig build_config(const TrainOptions& options, const VariableLookup& variable) {
  // A preset that does not exist is a wrong option, a file that cannot be read a wrong input.
  const auto layered = [](const std::string& layer, const auto& use) {
    return is_path(layer) ? use() : parse_option("--config", use);
  };
  BuiltConfig built{layered(options.configs[0], [&] { return ConfigBuilder(options.configs[0]); }), {}};
  ConfigBuilder& builder = built.builder;
  for (size_t i = 1; i < options.configs.size(); ++i) {
    layered(options.configs[i], [&] {
      builder.add(options.configs[i]);
      return true;
    });
  }
  builder.build();  // what is wrong here is the file's fault, what is wrong later the options'
  try {
    built.warnings = apply_submission_variables(builder, variable);
    for (const auto& [assignment, option] : options.settings) builder.set_assignment(assignment, option);
    builder.build();
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  return built;
}

}  // namespace golf
