#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/model_file.h"
#include "golf/score/loss_dump.h"
#include "golf/stats/block_bootstrap.h"
#include "golf_eval/batch_lines.h"
#include "golf_eval/batch_manifest.h"
#include "golf_eval/batch_run.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/scored_targets.h"

namespace golf {
namespace {

struct BatchOptions {
  std::string manifest, output;
  double confidence = 0.95;
  int64_t draws = 10'000;
  uint64_t seed = 0;
};

/// Texts and digests of models, read once each. Not for several threads.
class BatchInputs {
 public:
  const EvalData& text(const BatchData& row) {
    auto& slot = texts_[row.name];
    if (!slot) {
      slot = std::make_unique<EvalData>(
          load_eval_data({.data = row.data, .tokenizer = row.tokenizer, .max_tokens = row.max_tokens}));
    }
    return *slot;
  }
  const std::string& model_digest(const BatchModel& row) {
    std::string& digest = models_[row.name];
    if (digest.empty()) digest = sha256_hex(read_model_file(row.model).bytes);
    return digest;
  }
  /// What a line depends on: another digest is another job.
  std::string digest(const BatchJob& job, const BatchManifest& manifest, const BatchOptions& options) {
    const EvalData& data = text(*job.data);
    std::string all = model_digest(*job.model) + data.tokenizer.file.sha256;
    for (const TokenizedText::Shard& shard : data.text.shards) {
      all += shard.file.sha256 + (shard.sidecar ? shard.sidecar->sha256 : "");
    }
    for (const std::string& word : job.mode->options()) all += " " + word;
    all += fmt::format(" {} {} {} {} {} {} {}", job.data->max_tokens, job.model->config, manifest.dtype,
                       options.confidence, options.draws, options.seed, project_version());
    return sha256_hex(as_bytes(all)).substr(0, 16);
  }

 private:
  std::map<std::string, std::unique_ptr<EvalData>> texts_;
  std::map<std::string, std::string> models_;
};

/// The score of a job from the losses that its process printed.
Json line_of(const BatchJob& job, const std::string& digest, const EvalData& data, ByteView dump,
             bool bytes_agree, const BatchOptions& options, int threads) {
  const EvalSettings settings = job.mode->settings();
  const WindowPlan plan = plan_for(settings, data);
  const TextView text = data.text.view().first(plan.targets() + 1);
  const std::vector<double> losses = parse_loss_dump(dump, job.text(), plan);
  const BpbTotals totals = score_losses(losses, plan, text.bytes);
  if (totals.first_nonfinite_target) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: a loss is not finite", job.text()));
  }
  const auto documents = sum_by_document(losses, targets_of(plan), text.bytes, text.document_starts());
  Json line = Json::object({{"schema", "golf.batch/1"},
                            {"job", job.json()},
                            {"digest", digest},
                            {"val_loss", totals.val_loss()},
                            {"val_bpb", totals.val_bpb()},
                            {"tokens", totals.tokens},
                            {"bytes", totals.bytes},
                            {"documents", std::ssize(documents)},
                            {"byte_count_agrees", bytes_agree},
                            {"confidence", options.confidence},
                            {"standard_error", Json()},
                            {"interval", Json()}});
  if (documents.size() > 1) {
    const BootstrapEstimate error = bootstrap_documents(
        documents, ScoreUnit::kBitsPerByte, 0, options.confidence, options.draws, options.seed, threads);
    line["standard_error"] = error.standard_error;
    line["interval"] = Json::array({error.low, error.high});
  }
  return line;
}

std::string last_line(const std::string& messages) {
  const size_t end = messages.find_last_not_of('\n');
  if (end == std::string::npos) return "no message";
  const size_t from = messages.rfind('\n', end);
  return printable(messages.substr(from == std::string::npos ? 0 : from + 1, end - (from + 1) + 1), 400);
}

std::string summary_of(const std::vector<Json>& lines, const Style& style) {
  TextTable table({{"model", Align::kLeft, Fit::kShorten},
                   {"data", Align::kLeft, Fit::kShorten},
                   {"mode", Align::kLeft},
                   {"val_bpb", Align::kRight, Fit::kWhole, 0, /*bold=*/true},
                   {"+-"},
                   {"interval", Align::kRight, Fit::kWhole, 3},
                   {"val_loss", Align::kRight, Fit::kWhole, 2},
                   {"documents", Align::kRight, Fit::kWhole, 4},
                   {"tokens", Align::kRight, Fit::kWhole, 1}});
  for (const Json& line : lines) {
    const Json& job = line.at("job");
    const bool has_error = !line.at("interval").is_null();
    const auto interval = [&] {
      const Json::Array& ends = line.at("interval").as_array();
      return fmt::format("{:.4f} to {:.4f}", ends.at(0).as_double(), ends.at(1).as_double());
    };
    table.add({job.at("model").as_string(), job.at("data").as_string(), job.at("mode").as_string(),
               fmt::format("{:.4f}{}", line.at("val_bpb").as_double(),
                           line.at("byte_count_agrees").as_bool() ? "" : " (bytes NOT EQUAL)"),
               has_error ? fmt::format("{:.4f}", line.at("standard_error").as_double()) : "-",
               has_error ? interval() : "-", fmt::format("{:.4f}", line.at("val_loss").as_double()),
               with_separators(line.at("documents").as_int()), with_separators(line.at("tokens").as_int())});
  }
  return table.render(style);
}

/// The jobs that have no line yet. @throws Error when a line is of no job, or of a job that has changed
std::vector<BatchJob> open_jobs(const std::vector<BatchJob>& jobs, const BatchLines& lines,
                                const std::string& output,
                                const std::function<std::string(const BatchJob&)>& digest) {
  std::vector<BatchJob> open = jobs;
  for (size_t line = 0; line < lines.lines().size(); ++line) {
    const std::string place = fmt::format("{}: line {}", display_name(output), line + 1);
    const Json* name = lines.lines()[line].find("job");
    const Json* of = lines.lines()[line].find("digest");
    const auto job = std::find_if(open.begin(), open.end(), [&](const BatchJob& each) {
      return name != nullptr && *name == each.json();
    });
    if (job == open.end()) {
      fail(ErrorCode::kMismatch,
           place +
               ": is of no job of this manifest, or of one that has a line: give another "
               "file");
    }
    if (of == nullptr || !of->is_string() || of->as_string() != digest(*job)) {
      fail(ErrorCode::kMismatch,
           fmt::format("{}: {} was scored with another model, text or setting: give another file", place,
                       job->text()));
    }
    open.erase(job);
  }
  return open;
}

ExitCode run_batch(const BatchOptions& options, const CommonOptions& common) {
  if (options.output == "-") throw UsageError("-o: a batch is resumed from its file: give one");
  check_output(options.output, {options.manifest}, /*binary=*/false);
  const BatchManifest manifest = read_batch_manifest(options.manifest);
  const std::vector<BatchJob> jobs = jobs_of(manifest);
  if (libtorch_version() == "none") {
    fail(ErrorCode::kUnsupported,
         "this golf-eval was built without LibTorch and cannot run a model: use one that was built with it");
  }
  Console console("golf-eval", common);
  BatchInputs inputs;
  const auto digest = [&](const BatchJob& job) { return inputs.digest(job, manifest, options); };
  for (const BatchJob& job : jobs) digest(job);  // fails on what is not there before any work is done
  BatchLines lines(options.output);
  const std::vector<BatchJob> open = open_jobs(jobs, lines, options.output, digest);
  if (open.size() < jobs.size()) {
    console.note(fmt::format("{}: {} of {} jobs are done", display_name(options.output),
                             jobs.size() - open.size(), jobs.size()));
  }
  size_t failed = 0, unequal = 0;
  BatchRun(manifest, open, common.threads).run([&](const BatchJob& job, ProgramResult& output) {
    // 1: the byte-count check failed; the score is there all the same.
    const int status = output.status.value_or(-1);
    if (status != 0 && (status != 1 || output.output.empty())) {
      ++failed;
      console.refuse(fmt::format("{}: failed: {}", job.text(), last_line(output.messages)));
      return;
    }
    lines.append(line_of(job, digest(job), inputs.text(*job.data), output.output, status == 0, options,
                         common.threads));
    console.note(fmt::format("{}: {:.6f} bpb", job.text(), lines.lines().back().at("val_bpb").as_double()));
  });
  for (const Json& line : lines.lines()) unequal += line.at("byte_count_agrees").as_bool() ? 0 : 1;
  if (common.json) {
    std::string text;
    for (const Json& line : lines.lines()) text += line.dump() + "\n";
    console.result(text);
  } else {
    console.report(summary_of(lines.lines(), console.style()));
  }
  if (failed > 0) {
    console.refuse(
        fmt::format("{} of {} jobs failed; the same command tries them again", failed, jobs.size()));
    return ExitCode::kRunFailed;
  }
  return unequal > 0 ? ExitCode::kCheckFailed : ExitCode::kDone;
}

}  // namespace

void add_batch_command(CommandLine& line) {
  const auto options = std::make_shared<BatchOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval batch",
          .usage = "MANIFEST -o FILE.jsonl [OPTIONS]",
          .description =
              "Scores many models on many texts in many modes, one process a device, and writes a JSON line "
              "for "
              "each. A killed batch goes on with the same command. Ends with a table with error bars from a "
              "bootstrap over documents.",
          .examples = "golf-eval batch manifest.json -o scores.jsonl",
          .gate = "the byte-count check of a job failed",
      },
      [options](const CommonOptions& common) { return run_batch(*options, common); });
  app.add_option("MANIFEST", options->manifest,
                 "JSON file: models, data, modes, devices (docs/CLI.md); - reads standard input")
      ->required();
  app.add_option("-o,--output", options->output, "the lines; what is there already is not scored again")
      ->type_name("FILE.jsonl")
      ->required()
      ->group("Output");
  app.add_option("--confidence", options->confidence, "of the intervals, two-sided")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.9999))
      ->group("Error bars");
  app.add_option("--draws", options->draws, "resampled texts")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{100}, int64_t{1'000'000}))
      ->group("Error bars");
  app.add_option("--seed", options->seed, "of the resampling")
      ->type_name("N")
      ->capture_default_str()
      ->group("Error bars");
}

}  // namespace golf
