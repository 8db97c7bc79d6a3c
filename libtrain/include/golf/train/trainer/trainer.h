#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "golf/model/decoder.h"
#include "golf/train/averaging/averages.h"
#include "golf/train/config/train_config.h"
#include "golf/train/curriculum/curriculum.h"
#include "golf/train/data/batch_feed.h"
#include "golf/train/device/device.h"
#include "golf/train/objective/mtp_heads.h"
#include "golf/train/objective/qat.h"
#include "golf/train/optim/optimizer.h"
#include "golf/train/parallel/communicator.h"
#include "golf/train/parallel/gradient_reducer.h"

namespace golf {

/// Everything that the steps to come depend on, copied: what warm-up undoes and a checkpoint holds.
struct TrainerState {
  int64_t finished_steps = 0;
  DataPosition data;
  bool qat_started = false;
  CurriculumState curriculum = {};
  /// "model.…", "mtp_heads.…", "optimizer.…", "ema.…", "swa.…"
  std::vector<NamedParameter> tensors;
};

/// What one step did. The tensors stay on the device, so that reading them is the caller's choice to wait.
struct StepResult {
  int64_t step = 0;    ///< finished steps, this one included
  torch::Tensor loss;  ///< scalar: mean over all micro-batches, before the update; with the MTP term
  torch::Tensor rank_losses = {};  ///< [ranks]: each rank's own mean; undefined for a process alone
  torch::Tensor grad_norm;         ///< scalar: L2 over all parameters, before clipping
  double lr_multiplier = 1;
  double muon_momentum = 0;
  bool qat = false;                 ///< whether the matrices were rounded, or get noise, by now
  bool qat_started = false;         ///< and whether that began with this step
  double progress = 0;              ///< share of the run that was over before it
  bool recurrence = false;          ///< whether the model's depth recurrence was on
  bool recurrence_started = false;  ///< and whether that began with this step
  int64_t seq_len = 0;              ///< of a sequence, or of what attention spans of a document
  bool seq_len_changed = false;     ///< whether the step before had another
  bool swa_snapshot = false;        ///< whether SWA took a snapshot of its result
  int64_t swa_snapshots = 0;        ///< so far
};

/// Takes optimizer steps: loader → loss → gradients → clipping → optimizers → averages. Knows no clock, log
/// or file.
/// Deterministic on the CPU for one thread count and number of ranks. All ranks end each step with the same
/// weights.
class Trainer {
 public:
  /// The model, the same on all ranks, in train mode and on its device; the loader hands out this rank's
  /// tokens. Borrows the communicator.
  Trainer(const TrainConfig& config, Decoder model, std::unique_ptr<BatchLoader> loader,
          const Communicator& ranks = Communicator::solo());

  /// One optimizer step. @param train_ms  milliseconds of training so far, for a schedule by the clock
  StepResult step(double train_ms);

  /// Takes `steps` steps with base rates, nominal momentum and no clipping, so that every buffer and kernel
  /// is in place, then puts everything back as it was, to the bit. Where depth recurrence begins later, as
  /// many without it come before. `on_step` hears the number of each, and whether it has the recurrence that
  /// the steps before it lacked.
  void warm_up(int64_t steps, const std::function<void(int64_t step, bool looped)>& on_step = {});

  /// Overwrites the model's weights with those that the run exports (weights.final). @return which
  FinalWeights load_final_weights();

  /// The state of all ranks, the same whatever their number. All ranks call together.
  TrainerState capture() const;
  /// Goes on from a captured state, of however many ranks. All ranks call together.
  /// @throws Error kMismatch when the state is of another model, other optimizers or other data, naming the
  /// first tensor that does not fit; nothing is changed then
  void restore(const TrainerState& state);

  Decoder& model() { return model_; }
  int64_t swa_snapshots() const { return swa_ ? swa_->snapshots() : 0; }
  int64_t finished_steps() const { return finished_steps_; }
  /// Whether the model has depth recurrence that no step has switched on so far.
  bool lacks_recurrence() const { return recurrent_ && !curriculum_.state().recurrence; }
  const std::vector<ParameterGroup>& groups() const { return groups_; }
  /// Each group's rate in a step with that multiplier.
  std::vector<double> group_lrs(double lr_multiplier) const;

 private:
  void begin_curriculum(StepResult& result);
  torch::Tensor accumulate_gradients();
  /// Where attention may reach in a micro-batch; empty where each row is one document.
  std::vector<int64_t> bounds_of(const TokenBatch& batch) const;
  /// Forward and backward pass over the inputs and targets of one micro-batch, int64 [2, rows, length].
  /// @param bounds  of its documents, empty where each row is one. @return its loss, detached
  torch::Tensor forward_backward(const torch::Tensor& ids, std::span<const int64_t> bounds = {});
  torch::Tensor loss_of(const torch::Tensor& inputs_BT, const torch::Tensor& targets_BT,
                        std::span<const int64_t> bounds);
  void update(const StepRates& rates);
  void reduce(StepResult& result);
  enum class Scope { kOwnShard, kAllRanks };  // Muon's momentum is sharded over the ranks
  std::vector<NamedParameter> state_tensors(Scope scope) const;
  TrainerState copied(const std::vector<NamedParameter>& tensors) const;
  void put_back(const TrainerState& state);

  TrainConfig config_;
  Decoder model_;
  BatchFeed feed_;
  const Communicator& ranks_;
  torch::Device device_;
  MtpHeads mtp_;
  std::vector<NamedParameter> parameters_;  // the model's, then the MTP heads'
  std::vector<ParameterGroup> groups_;
  std::vector<std::unique_ptr<Optimizer>> optimizers_;
  std::unique_ptr<GradientReducer> reducer_;  // null for a process alone
  Qat qat_;
  Curriculum curriculum_;
  bool recurrent_;  // whether the model runs blocks again at all
  std::optional<Ema> ema_;
  std::optional<Swa> swa_;
  std::unique_ptr<StepGraph> graph_;  // null unless training.cuda_graphs
  int64_t finished_steps_ = 0;
};

}  // namespace golf
