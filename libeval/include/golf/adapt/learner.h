#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "golf/artifact/spec/adapt_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/eval/processes.h"
#include "golf/eval/score_tokens.h"
#include "golf/model/decoder.h"
#include "golf/score/eval_result.h"

namespace golf {

/// One optimizer step, for the trace. Means and norms over all processes.
struct AdaptStep {
  int64_t rows = 0;      ///< sequences, or documents
  double loss = 0;       ///< nats a token before the step
  double grad_norm = 0;  ///< L2, before clipping
  double lr = 0;
};

/// One change of the model's state, as a learner reports it.
struct AdaptUpdate {
  std::string what = {};               ///< "weights", "adapters"
  std::vector<ScoreSegment> saw = {};  ///< targets whose losses this process's part of it learned from
  std::vector<AdaptStep> steps = {};
};

/// Where a learner works. The text is cut to what is evaluated; all is borrowed.
struct AdaptInputs {
  TextView text;
  EvalSettings settings;  ///< of sliding windows; seq_len and batch_seqs hold for documents too
  EvalProcesses processes = {};
};

/// What test-time training does to a model, in chunks. evaluate_adapted() walks over the chunks: it calls
/// score(0), learn(0), score(1), learn(1), … and keeps sums, log and resume file. The walk without any
/// learn() scores the model as it was loaded.
///
/// Several processes make the same calls, and each scores and learns its own share of every chunk; learn()
/// leaves all of them in the same state.
class AdaptLearner {
 public:
  virtual ~AdaptLearner() = default;

  /// "sliding 256/64", "documents of 2048": what is scored, for people.
  virtual std::string plan_text() const = 0;
  /// Chunks of the whole evaluation, in the order in which they are scored.
  virtual int64_t chunks() const = 0;
  /// Windows (or document chunks) in all.
  virtual int64_t windows() const = 0;
  /// How often the targets of the text are scored.
  virtual Coverage coverage() const = 0;
  /// "chunk 3 of 7", "document 12, chunk 3 of 9": for messages.
  virtual std::string chunk_text(int64_t chunk) const = 0;

  /// Whether learn() follows each score(), as at first: a learner may then prepare it in the pass that
  /// scores.
  virtual void set_learning(bool /*on*/) {}
  /// Scores this process's share of a chunk under the present state, in a fixed order.
  /// @param options  entropy, named_tokens and sampled_targets hold; the windows are the learner's own
  virtual void score(int64_t chunk, const ScoreOptions& options, const ScoreSink& sink) = 0;
  /// Learns from the chunk that was scored last. Nothing when there is nothing to learn.
  /// @throws Error kRunFailed naming chunk (and document) when a loss or gradient is not finite
  virtual std::vector<AdaptUpdate> learn(int64_t chunk) = 0;

  /// Everything that learning has changed, to continue from in another process.
  virtual TensorSet state() const = 0;
  /// @throws Error kMismatch when the tensors are not those of state()
  virtual void restore(const TensorSet& state) = 0;
};

/// The learner that `config` asks for. Learning changes the model.
/// @throws Error kInvalidArgument when the configuration does not fit model or text: no tensor of that name,
/// a chunk longer than the text
std::unique_ptr<AdaptLearner> make_learner(const AdaptConfig& config, Decoder& model,
                                           const AdaptInputs& inputs);

}  // namespace golf
