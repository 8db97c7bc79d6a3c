#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/budget/budget.h"
#include "golf/score/eval_result.h"
#include "golf/train/config/train_config.h"
#include "golf/train/parallel/launch_environment.h"
#include "golf/train/run/run_directory.h"

namespace golf {

/// What a run reads and where it leaves its results.
struct TrainJob {
  std::string data_dir;   ///< holds the shards that the configuration's patterns name
  std::string tokenizer;  ///< SentencePiece model that the shards were made with
  std::string run_dir;    ///< made when it is not there
  std::string init;       ///< checkpoint or artifact to start from; empty: fresh weights from the seed
  std::vector<std::string> code_files;  ///< count as the submission's code
  std::string version;                  ///< of the tool, for the records
  RunStart start = RunStart::kNew;      ///< whether an earlier run in run_dir goes on
  std::string checkpoint = {};          ///< the file that it goes on from; empty: its newest
  LaunchEnvironment launch = {};        ///< which rank of how many this process is
  std::string omp_num_threads = {};  ///< the launcher's OMP_NUM_THREADS; the log says that it is not followed
  double rank_timeout_seconds = 20;  ///< a rank without sign of life for so long is lost
  /// Told on another thread why the run cannot go on: see CommunicatorOptions::on_lost.
  std::function<void(const std::string& why)> on_lost_rank = {};
  /// Asked now and then, on every rank: why to save and stop early, 0 to go on.
  std::function<int()> stop_requested = {};
  ProgressSink progress = {};
  std::function<void(const std::string& line)> on_log = {};  ///< hears every line of train.log
};

/// How a run ended.
struct TrainReport {
  int64_t steps = 0;
  int64_t tokens = 0;  ///< trained on
  bool stopped_by_clock = false;
  double train_seconds = 0;  ///< validation excluded
  int stop = 0;       ///< what stop_requested() gave; unless 0 the run can go on, and nothing below is set
  EvalResult before;  ///< of the final weights
  EvalResult after;   ///< of the weights that the artifact gives back
  std::string recipe, codec;
  std::string artifact_path;
  BudgetReport budget;
};
/// "schema": "golf.train/1".
Json to_json(const TrainReport& report);

/// Trains, validates, packs and evaluates what was packed; leaves config.json, train.log, metrics.jsonl,
/// final.safetensors, final.golf or final.ptz, eval.json and, last, submission.json in the run folder.
/// Everything that the end needs (recipe, codec, tokenizer, validation data) is checked before the first
/// step. Spec §4, §6.
/// A run that continues takes the same steps as one that was never cut off, to the bit on the CPU with the
/// same threads and ranks; its clock goes on from the saved one, and its logs from where they were. When
/// training is over the run is saved in any case before it is evaluated and packed. Of several ranks the
/// first writes, logs and packs; all evaluate, and the others' reports lack the artifact.
/// @throws Error kInvalidArgument (an earlier run in run_dir is in the way), kMismatch (a checkpoint of
/// another run), kRunFailed (a loss is not finite, naming the step), and whatever the inputs give rise to
TrainReport train(const TrainConfig& config, const TrainJob& job);

}  // namespace golf
