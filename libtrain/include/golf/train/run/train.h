#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/budget/budget.h"
#include "golf/score/eval_result.h"
#include "golf/train/config/train_config.h"
#include "golf/train/parallel/launch_environment.h"
#include "golf/train/run/run_folder.h"

namespace golf {

/// What a run reads and where it leaves its results.
struct TrainJob {
  std::string data_dir;   ///< holds the shards that the configuration's patterns name
  std::string tokenizer;  ///< SentencePiece model that the shards were made with
  std::string run_dir;    ///< made when it is not there
  std::string init;       ///< checkpoint or artifact to start from; empty: fresh weights from the seed
  std::string flash_attention = {};  ///< FlashAttention-3's library, for a GPU; empty: LibTorch's attention
  std::vector<std::string> code_files;  ///< count as the submission's code
  std::string version;                  ///< of the tool, for the records
  /// The tool that an artifact names as its maker: golf-pack's, so that both make the same bytes. Empty:
  /// `version`.
  std::string packer = {};
  RunStart start = RunStart::kNew;   ///< what becomes of an earlier run in run_dir
  std::string checkpoint = {};       ///< the file to continue from; empty: the newest
  LaunchEnvironment launch = {};     ///< which rank of how many this process is
  std::string omp_num_threads = {};  ///< the launcher's OMP_NUM_THREADS, which the log says is not used
  double rank_timeout_seconds = 20;  ///< a rank without a heartbeat for this long is lost
  /// Called on another thread with the reason why the run cannot continue: see CommunicatorOptions::on_lost.
  std::function<void(const std::string& why)> on_lost_rank = {};
  /// Called at intervals on every rank: the reason to save and stop early, 0 to continue.
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
  double calibration_seconds = 0, packing_seconds = 0;
  int stop = 0;  ///< what stop_requested() gave; if not 0 the run can be continued, and nothing below is set
  EvalResult before;                       ///< of the final weights
  EvalResult after;                        ///< of the weights that the artifact gives back
  std::optional<EvalResult> adapted = {};  ///< of the same, adapted, with export.adapt
  std::string receipt = {};                ///< of `adapted`, for receipt.jsonl
  std::string recipe, codec;
  Json packing = Json::object();  ///< what add_packing() says: fit, predicted_gap_bpb, verified
  std::string artifact_path;
  BudgetReport budget;
};
/// "schema": "golf.train/1".
Json to_json(const TrainReport& report);

/// Trains, validates, packs and evaluates the packed model. The run folder then holds config.json, train.log,
/// metrics.jsonl, final.safetensors, final.golf or final.ptz, eval.json and, written last, submission.json;
/// with export.calibration_batches also calibration.safetensors, with which golf-pack makes the same
/// artifact. Everything that the end needs (recipe, codec, tokenizer, validation data) is checked before the
/// first step. Source: docs/SUBMISSIONS.md, Upstream reference, Training.
///
/// On the CPU, with the same threads and ranks, a run that continues takes the same steps, to the bit, as one
/// that was never interrupted. Its clock continues from the saved one, and its logs from where they were.
/// When training is over the run is saved before it is evaluated and packed. The first rank alone writes,
/// logs and packs; all ranks evaluate, and the reports of the others lack the artifact.
/// @throws Error kInvalidArgument (an earlier run in run_dir is in the way), kMismatch (a checkpoint of
/// another run), kRunFailed (a loss is not finite, naming the step), and whatever the inputs give rise to
TrainReport train(const TrainConfig& config, const TrainJob& job);

/// The backends that this build's ranks can communicate through: "gloo, nccl", "gloo", "none".
std::string available_backends();

}  // namespace golf
