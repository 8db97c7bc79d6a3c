#pragma once

#include <memory>
#include <string>

#include "golf/adapt/evaluate_adapted.h"
#include "golf/eval/runtime.h"
#include "golf_eval/adapt_options.h"
#include "golf_eval/eval_data.h"

namespace golf {

/// What an adapted evaluation works on; borrowed.
struct AdaptedRun {
  const EvalModel& model;
  const EvalData& data;
  EvalSettings settings;
  AdaptConfig config;
  PostProcessing post_processing;
  Runtime runtime;
  bool score_before = false;  ///< without adaptation first
  ResumeOptions resume = {};  ///< its identity is made here
};

/// The processes of a launcher's run, such as torchrun's, which share one evaluation; or this one alone.
class EvalRanks {
 public:
  /// Waits for the others. A lost process ends this one.
  /// @param shared  whether to look for others at all
  /// @throws Error kInvalidArgument (a launcher's variable), kRunFailed (no rendezvous)
  explicit EvalRanks(bool shared);
  ~EvalRanks();
  EvalRanks(const EvalRanks&) = delete;
  EvalRanks& operator=(const EvalRanks&) = delete;

  EvalProcesses processes() const;
  bool first() const;
  bool alone() const;
  /// Where this process computes: among several, --device auto or cuda is the GPU of its own number.
  Runtime own(Runtime runtime) const;
  /// @throws Error kMismatch on all of them unless all were given the same
  void require_same(const std::string& identity) const;
  /// After a good end.
  void finish() const;
  void report_failure(const std::string& why) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Everything but an adaptation that a score depends on: what processes that share one must have in common.
Json run_identity(const EvalModel& model, const EvalData& data, const EvalSettings& settings,
                  const PostProcessing& post_processing, const Runtime& runtime);

/// The settings of the windows that a learner wants.
EvalSettings adapt_settings(const AdaptConfig& config, EvalSettings settings);

/// Adapts and scores `weights`. @throws Error naming the model's file
AdaptedResult run_adapted(const AdaptedRun& run, const TensorSet& weights, const EvalRanks& ranks,
                          const ProgressSink& progress, const ScoreSink& trace);

}  // namespace golf
