#include "golf/train/trainer/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/model/loss.h"
#include "golf/train/data/document_loader.h"
#include "golf/train/optim/optimizer.h"
#include "golf/train/optim/schedule.h"

namespace golf {
namespace {

std::vector<NamedParameter> parameters_of(const Decoder& model) {
  std::vector<NamedParameter> parameters;
  for (const auto& item : model->named_parameters()) parameters.push_back({item.key(), item.value()});
  return parameters;
}

std::vector<NamedParameter> joined(std::vector<NamedParameter> first,
                                   const std::vector<NamedParameter>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Refuses a saved state that is not, tensor by tensor, what this run has.
void require_fit(const std::vector<NamedParameter>& saved, const std::vector<NamedParameter>& mine) {
  const auto text = [](const std::vector<NamedParameter>& tensors, size_t i) {
    if (i >= tensors.size()) return std::string("nothing");
    const torch::Tensor& tensor = tensors[i].tensor;
    return fmt::format("{} {} [{}]", printable(tensors[i].name), c10::toString(tensor.scalar_type()),
                       fmt::join(tensor.sizes(), ", "));
  };
  for (size_t i = 0; i < std::max(saved.size(), mine.size()); ++i) {
    if (i < saved.size() && i < mine.size() && saved[i].name == mine[i].name &&
        saved[i].tensor.scalar_type() == mine[i].tensor.scalar_type() &&
        saved[i].tensor.sizes() == mine[i].tensor.sizes()) {
      continue;
    }
    fail(ErrorCode::kMismatch,
         fmt::format("the saved state does not fit this run: tensor {} is {}, expected {}: resume with the "
                     "configuration the run began with",
                     i, text(saved, i), text(mine, i)));
  }
}

/// The micro-batch's inputs, then their targets, int64 [2, rows, length], where a copy to the device does not
/// make the processor wait.
torch::Tensor staged(const TokenBatch& batch, torch::Device device) {
  torch::Tensor ids = at::empty({2, batch.rows(), batch.seq_len},
                                at::TensorOptions().dtype(torch::kLong).pinned_memory(device.is_cuda()));
  auto* inputs = ids.data_ptr<int64_t>();
  auto* targets = inputs + batch.rows() * batch.seq_len;
  for (int64_t row = 0; row < batch.rows(); ++row) {
    inputs = std::ranges::copy(batch.inputs(row), inputs).out;
    targets = std::ranges::copy(batch.targets(row), targets).out;
  }
  return ids;
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, Decoder model, std::unique_ptr<BatchLoader> loader,
                 const Communicator& ranks)
    : config_(config),
      model_(std::move(model)),
      feed_(std::move(loader)),
      ranks_(ranks),
      device_(model_->parameters().at(0).device()),
      mtp_(config.mtp, model_),
      parameters_(joined(parameters_of(model_), mtp_.parameters())),
      groups_(plan_parameter_groups(config.model, config.optimizer, config.mtp.heads)),
      optimizers_(make_optimizers(groups_, parameters_, config.optimizer.muon)),
      qat_(config.qat, parameters_, model_, config.training.seed),
      curriculum_(config.curriculum, config.data.seq_len),
      recurrent_(layer_plan(config.model) != layer_plan(config.model, /*recurrence=*/false)) {
  if (!ranks_.alone()) {
    std::vector<std::shared_ptr<GradientBucket>> buckets;
    for (const auto& optimizer : optimizers_) {
      for (auto& bucket : optimizer->shard(ranks_)) buckets.push_back(std::move(bucket));
    }
    reducer_ = std::make_unique<GradientReducer>(ranks_, std::move(buckets));
  }
  if (config.weights.ema.active()) ema_.emplace(config.weights.ema, parameters_of(model_));
  if (config.weights.swa.enabled) swa_.emplace(config.weights.swa, parameters_of(model_));
  if (config.training.cuda_graphs) {
    graph_ = std::make_unique<StepGraph>(
        device_, parameters_, [this](const torch::Tensor& ids) { return forward_backward(ids); },
        [this] { qat_.invalidate(); });
  }
  model_->set_recurrence(curriculum_.state().recurrence);
  model_->train();
}

torch::Tensor Trainer::loss_of(const torch::Tensor& inputs_BT, const torch::Tensor& targets_BT,
                               std::span<const int64_t> bounds) {
  const torch::Tensor h_BTD = model_->hidden(inputs_BT, bounds);
  const torch::Tensor loss = next_token_loss(model_, h_BTD, inputs_BT, targets_BT);
  const torch::Tensor ahead = mtp_.loss(h_BTD, targets_BT, qat_.hook());
  return ahead.defined() ? loss + ahead : loss;
}

torch::Tensor Trainer::forward_backward(const torch::Tensor& ids, std::span<const int64_t> bounds) {
  const torch::Tensor loss = loss_of(ids[0], ids[1], bounds);
  (loss * (1.0 / static_cast<double>(feed_.accumulation_steps()))).backward();
  return loss.detach();
}

torch::Tensor Trainer::accumulate_gradients() {
  const int64_t passes = feed_.accumulation_steps();
  // A recorded backward pass runs no hooks that could send.
  const bool overlapped = reducer_ && !graph_ && !config_.optimizer.clip_each_rank;
  torch::Tensor loss_sum;
  if (reducer_) {
    reducer_->begin();
  } else if (graph_) {
    graph_->begin();
  }
  for (int64_t i = 0; i < passes; ++i) {
    const TokenBatch batch = feed_.next();
    const torch::Tensor ids = staged(batch, device_);
    const int variant = 2 * static_cast<int>(model_->plan().calls.size()) + (qat_.hook() ? 1 : 0);
    if (overlapped && i + 1 == passes) reducer_->last_backward();
    const torch::Tensor loss =
        graph_ ? graph_->run(ids, variant)
               : forward_backward(ids.to(device_, /*non_blocking=*/true), bounds_of(batch));
    loss_sum = loss_sum.defined() ? loss_sum + loss : loss.clone();
  }
  return loss_sum / static_cast<double>(passes);
}

std::vector<int64_t> Trainer::bounds_of(const TokenBatch& batch) const {
  if (config_.data.order != DataOrder::kDocuments) return {};
  const int64_t grown = curriculum_.state().seq_len;  // 0 before the first step
  return document_bounds(batch.inputs(0), config_.data.bos_id, grown > 0 ? grown : config_.data.seq_len);
}

void Trainer::update(const StepRates& rates) {
  for (const auto& optimizer : optimizers_) optimizer->step(rates);
  for (NamedParameter& parameter : parameters_) parameter.tensor.mutable_grad() = torch::Tensor();
}

void Trainer::begin_curriculum(StepResult& result) {
  const Curriculum::Change change = curriculum_.begin_step(finished_steps_, result.progress);
  if (change.seq_len) {
    for (int64_t i = 0; i < config_.curriculum.skipped_batches; ++i) feed_.next();
  }
  model_->set_recurrence(curriculum_.state().recurrence);
  result.recurrence = recurrent_ && curriculum_.state().recurrence;
  result.recurrence_started = recurrent_ && change.recurrence;
  result.seq_len = curriculum_.state().seq_len;
  result.seq_len_changed = change.seq_len;
}

StepResult Trainer::step(double train_ms) {
  StepResult result;
  result.progress = run_progress(config_.schedule, finished_steps_, train_ms);
  begin_curriculum(result);
  const double base = lr_multiplier(config_.schedule, finished_steps_, train_ms);
  const StepRates rates{.lr_multiplier = base * curriculum_.rate_factor(finished_steps_),
                        .muon_momentum = muon_momentum(config_.optimizer.muon, finished_steps_),
                        .muon_decay_scale = muon_decay_scale(config_.optimizer.muon, result.progress)};
  const bool qat_started = qat_.begin_step(base, result.progress);
  result.loss = accumulate_gradients();

  const at::NoGradGuard no_grad;
  reduce(result);
  update(rates);

  ++finished_steps_;
  qat_.end_step(finished_steps_);
  if (ema_) ema_->update(finished_steps_);
  result.step = finished_steps_;
  result.lr_multiplier = rates.lr_multiplier;
  result.muon_momentum = rates.muon_momentum;
  result.qat = qat_.started();
  result.qat_started = qat_started;
  result.swa_snapshot = swa_ && swa_->update(finished_steps_, base);
  result.swa_snapshots = swa_snapshots();
  return result;
}

void Trainer::reduce(StepResult& result) {
  const double max_norm = config_.optimizer.grad_clip_norm;
  const NormDType norm_dtype = config_.optimizer.grad_norm_dtype;
  if (!reducer_) {
    std::vector<torch::Tensor> gradients;
    for (const NamedParameter& parameter : parameters_) {
      if (parameter.tensor.grad().defined()) gradients.push_back(parameter.tensor.grad());
    }
    result.grad_norm = global_norm(gradients, norm_dtype);
    if (max_norm > 0) clip_to_norm(gradients, result.grad_norm, max_norm);
    return;
  }
  if (config_.optimizer.clip_each_rank) {
    const std::vector<torch::Tensor> gradients = reducer_->unaveraged();
    result.grad_norm = global_norm(gradients, norm_dtype);
    if (max_norm > 0) clip_to_norm(gradients, result.grad_norm, max_norm);
  }
  reducer_->finish();
  // One message for what the ranks know apart: their losses and the squares of their own shares.
  const int64_t world = ranks_.ranks().world;
  const torch::Tensor message = at::zeros({world + 1}, result.loss.options().dtype(torch::kFloat));
  message[ranks_.ranks().rank] = result.loss;
  message[world] = global_norm(reducer_->own(), norm_dtype).square();
  ranks_.all_reduce(message).wait();
  result.rank_losses = message.narrow(0, 0, world);
  result.loss = result.rank_losses.mean();
  if (config_.optimizer.clip_each_rank) return;
  std::vector<torch::Tensor> gradients = reducer_->shared();
  result.grad_norm = at::sqrt(global_norm(gradients, norm_dtype).square() + message[world]);
  for (const torch::Tensor& own : reducer_->own()) gradients.push_back(own);
  if (max_norm > 0) clip_to_norm(gradients, result.grad_norm, max_norm);
}

void Trainer::warm_up(int64_t steps, const std::function<void(int64_t, bool)>& on_step) {
  if (steps <= 0) return;
  const TrainerState start = copied(state_tensors(Scope::kOwnShard));
  const bool twice = recurrent_ && config_.curriculum.recurrence_start > 0;
  for (int64_t k = 0; k < (twice ? 2 : 1) * steps; ++k) {
    const bool looped = k >= steps;
    model_->set_recurrence(looped || !twice);
    qat_.begin_step(1.0, 0.0);
    accumulate_gradients();
    if (reducer_) reducer_->finish();
    qat_.invalidate();
    update({.lr_multiplier = 1.0, .muon_momentum = config_.optimizer.muon.momentum});
    if (on_step) on_step(k % steps + 1, looped);
  }
  put_back(start);
}

FinalWeights Trainer::load_final_weights() {
  const FinalWeights chosen = choose_final_weights(config_.weights, swa_snapshots());
  if (chosen == FinalWeights::kEma) ema_->load();
  if (chosen == FinalWeights::kSwa) swa_->load();
  return chosen;
}

std::vector<NamedParameter> Trainer::state_tensors(Scope scope) const {
  std::vector<NamedParameter> tensors;
  const auto add = [&](const char* section, const std::vector<NamedParameter>& members) {
    for (const NamedParameter& one : members) tensors.push_back({section + one.name, one.tensor});
  };
  add("model.", parameters_of(model_));
  add("", mtp_.parameters());
  for (const auto& optimizer : optimizers_) {
    add("optimizer.", scope == Scope::kAllRanks ? optimizer->whole_state() : optimizer->state());
  }
  if (ema_) add("", ema_->state());
  if (swa_) add("", swa_->state());
  return tensors;
}

TrainerState Trainer::copied(const std::vector<NamedParameter>& tensors) const {
  TrainerState state{.finished_steps = finished_steps_,
                     .data = feed_.position(),
                     .qat_started = qat_.started(),
                     .curriculum = curriculum_.state(),
                     .tensors = {}};
  for (const NamedParameter& live : tensors)
    state.tensors.push_back({live.name, live.tensor.detach().clone()});
  return state;
}

TrainerState Trainer::capture() const {
  const at::NoGradGuard no_grad;
  return copied(state_tensors(Scope::kAllRanks));
}

void Trainer::put_back(const TrainerState& state) {
  const at::NoGradGuard no_grad;
  feed_.seek(state.data);
  std::unordered_map<std::string, torch::Tensor> saved;
  for (const NamedParameter& one : state.tensors) saved.emplace(one.name, one.tensor);
  for (NamedParameter& live : state_tensors(Scope::kOwnShard)) live.tensor.copy_(saved.at(live.name));
  finished_steps_ = state.finished_steps;
  qat_.set_started(state.qat_started);
  curriculum_.set_state(state.curriculum);
  model_->set_recurrence(state.curriculum.recurrence);
  qat_.invalidate();
}

void Trainer::restore(const TrainerState& state) {
  require_fit(state.tensors, state_tensors(Scope::kAllRanks));
  put_back(state);
}

std::vector<double> Trainer::group_lrs(double lr_multiplier) const {
  std::vector<double> rates;
  for (const ParameterGroup& group : groups_) rates.push_back(group.base_lr * lr_multiplier);
  return rates;
}

}  // namespace golf
