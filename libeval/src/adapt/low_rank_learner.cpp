#include "adapt/low_rank_learner.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "adapt/document_pass.h"
#include "adapt/document_plan.h"
#include "adapt/low_rank_adapters.h"
#include "adapt/phase.h"
#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/torch_tensors.h"

namespace golf {
namespace {

class LowRankLearner : public AdaptLearner {
 public:
  LowRankLearner(const LowRankAdaptConfig& config, Decoder& model, const AdaptInputs& inputs)
      : config_(config),
        model_(model),
        inputs_(inputs),
        generator_(at::detail::createCPUGenerator(config.seed)) {
    if (config_.documents.context == 0) config_.documents.context = inputs.settings.seq_len;
    check_settings();
    documents_ = find_documents(inputs.text.tokens, *inputs.text.document_start);
    check_documents();
    groups_ = group_documents(documents_, config_.documents);
    for (size_t group = 0; group < groups_.size(); ++group) {
      const Document& longest = document(group, groups_[group].documents.size() - 1);
      for (int64_t i = 0; i < chunks_of(longest, groups_[group].chunk); ++i) steps_.push_back({group, i});
    }
    standing_ = make_adapters(config_.documents.batch_documents);
    begin_group(0);
  }

  std::string plan_text() const override { return fmt::format("documents of {}", config_.documents.context); }
  int64_t chunks() const override { return static_cast<int64_t>(steps_.size()); }
  int64_t windows() const override {
    int64_t count = 0;
    for (const DocumentGroup& group : groups_) {
      for (const int64_t i : group.documents) {
        count += chunks_of(documents_[static_cast<size_t>(i)], group.chunk);
      }
    }
    return count;
  }
  Coverage coverage() const override {
    Coverage coverage{.first_target = documents_.front().first};
    for (const Document& document : documents_) coverage.scored += document.predictions();
    coverage.distinct = coverage.scored;
    coverage.unscored_head = coverage.first_target;
    coverage.unscored_others = inputs_.text.targets() - coverage.first_target - coverage.scored;
    return coverage;
  }
  std::string chunk_text(int64_t chunk) const override {
    const Step& step = steps_[static_cast<size_t>(chunk)];
    return fmt::format("group {} of {}, chunk {}", step.group + 1, groups_.size(), step.index + 1);
  }

  void set_learning(bool on) override { learning_ = on; }

  void score(int64_t chunk, const ScoreOptions& options, const ScoreSink& sink) override {
    const Step& step = steps_[static_cast<size_t>(chunk)];
    std::vector<DocumentPass> passes = run(step, step.group == prepared_group_, options);
    pending_ = std::vector<std::vector<at::Tensor>>(places(step.group));
    losses_ = 0;
    TokenScores scores;
    for (size_t place = 0; place < passes.size(); ++place) {
      DocumentPass& pass = passes[place];
      scores.append(pass.scores);
      if (pass.gradients.empty()) continue;
      losses_ += pass.loss;
      pending_[place] = std::move(pass.gradients);
    }
    if (scores.size() > 0) sink(scores);
  }

  std::vector<AdaptUpdate> learn(int64_t chunk) override {
    const Step& step = steps_[static_cast<size_t>(chunk)];
    std::vector<AdaptUpdate> updates;
    if (chunk + 1 < chunks() && steps_[static_cast<size_t>(chunk) + 1].group == step.group) {
      updates.push_back(update_adapters(step));
      for (int64_t more = 1; more < config_.grad_steps; ++more) {
        std::vector<DocumentPass> passes = run(step, /*adapted=*/true, {});
        losses_ = 0;
        for (size_t place = 0; place < passes.size(); ++place) {
          losses_ += passes[place].gradients.empty() ? 0 : passes[place].loss;
          pending_[place] = std::move(passes[place].gradients);
        }
        updates.push_back(update_adapters(step));
      }
    } else {
      if (boundary_reached(step.group)) updates.push_back(learn_phase(step.group));
      if (step.group + 1 < groups_.size()) begin_group(step.group + 1);
    }
    return updates;
  }

  TensorSet state() const override;
  void restore(const TensorSet& state) override;

 private:
  /// A chunk of the evaluation: the chunks of that index of the documents of a group.
  struct Step {
    size_t group;
    int64_t index;
  };

  void check_settings() const;
  void check_documents() const;

  size_t places(size_t group) const { return groups_[group].documents.size(); }
  const Document& document(size_t group, size_t place) const {
    return documents_[static_cast<size_t>(groups_[group].documents[place])];
  }
  bool is_own(size_t place) const {
    return static_cast<int64_t>(place) % inputs_.processes.count == inputs_.processes.index;
  }
  /// Whether the document has a chunk after that one.
  bool has_more(const Step& step, size_t place) const {
    return step.index + 1 < chunks_of(document(step.group, place), groups_[step.group].chunk);
  }

  std::unique_ptr<LowRankAdapters> make_adapters(int64_t documents) {
    return std::make_unique<LowRankAdapters>(model_, config_, documents, sets_++, generator_);
  }
  LowRankAdapters& adapters() const { return own_ ? *own_ : *standing_; }
  void begin_group(size_t group) {
    const auto count = static_cast<int64_t>(places(group));
    own_.reset();
    if (count == standing_->documents()) {
      standing_->reset();
      if (!config_.keep_a) standing_ = make_adapters(count);
    } else {
      own_ = make_adapters(count);
    }
    prepared_group_ = group;
  }

  /// The passes of this process's documents of a step, by place. Those that have more to score learn.
  std::vector<DocumentPass> run(const Step& step, bool adapted, const ScoreOptions& options) {
    const EvalModeGuard eval_mode(model_);
    const OneThreadPerOperation guard;
    const FrozenWeights frozen(model_);
    std::vector<size_t> active;
    const DocumentGroup& group = groups_[step.group];
    for (size_t place = 0; place < places(step.group); ++place) {
      if (is_own(place) && step.index < chunks_of(document(step.group, place), group.chunk)) {
        active.push_back(place);
      }
    }
    std::vector<DocumentPass> passes(places(step.group));
    parallel_for(active.size(), guard.threads(), [&](size_t i) {
      const size_t place = active[i];
      const Window window =
          chunk_window(document(step.group, place), step.index, group.chunk, config_.documents.context);
      const bool learns = learning_ && adapted && has_more(step, place);
      std::optional<DocumentAdapters> own;
      if (learning_ && adapted) own.emplace(adapters(), static_cast<int64_t>(place), learns);
      passes[place] =
          pass_document(model_, inputs_.text.tokens, window, own ? &*own : nullptr, learns, options);
      require_finite(step, place, passes[place].loss, "loss");
    });
    return passes;
  }

  void require_finite(const Step& step, size_t place, double value, std::string_view what) const {
    if (std::isfinite(value)) return;
    const int64_t count = chunks_of(document(step.group, place), groups_[step.group].chunk);
    fail(ErrorCode::kRunFailed,
         fmt::format("adaptation: document {}, chunk {} of {}: the {} is not finite: a smaller "
                     "adapt.low_rank.lr may help",
                     groups_[step.group].documents[place] + 1, step.index + 1, count, what));
  }

  /// One step of AdamW on the adapters of the group. Documents that have nothing more to score get no
  /// gradient.
  AdaptUpdate update_adapters(const Step& step) {
    const OneThreadPerOperation guard;
    AdaptUpdate update{.what = "adapters"};
    std::vector<double> squares(pending_.size());
    adapters().begin_update();
    parallel_for(pending_.size(), guard.threads(), [&](size_t place) {
      if (!is_own(place)) return;
      std::vector<at::Tensor>& gradients = pending_[place];
      for (const at::Tensor& gradient : gradients) {
        if (gradient.defined()) squares[place] += std::pow(gradient.norm().item<double>(), 2);
      }
      require_finite(step, place, squares[place], "gradient");
      gradients.resize(2 * adapters().matrices().size());
      adapters().step(static_cast<int64_t>(place), gradients);
      gradients.clear();
    });
    at::Tensor sums = at::zeros({2}, at::kDouble);
    sums[0] = losses_;
    int64_t rows = 0;
    for (size_t place = 0; place < pending_.size(); ++place) {
      sums[1] += squares[place];
      if (!has_more(step, place)) continue;
      ++rows;
      if (!is_own(place)) continue;
      const Window window = chunk_window(document(step.group, place), step.index, groups_[step.group].chunk,
                                         config_.documents.context);
      update.saw.push_back({window.first_target(), window.scored()});
    }
    if (!inputs_.processes.alone()) inputs_.processes.sum(sums);
    update.steps = {{.rows = rows,
                     .loss = sums[0].item<double>() / static_cast<double>(std::max<int64_t>(rows, 1)),
                     .grad_norm = std::sqrt(sums[1].item<double>()),
                     .lr = config_.lr}};
    return update;
  }

  int64_t phase_documents(int64_t phase) const {
    const int64_t all = std::min(config_.phases->documents, static_cast<int64_t>(documents_.size()));
    return all * (phase + 1) / config_.phases->phases;
  }
  /// Whether the group's end brings enough scored documents for the next phase.
  bool boundary_reached(size_t group) const {
    if (!config_.phases || phases_done_ >= config_.phases->phases) return false;
    int64_t scored = 0;
    for (size_t i = 0; i <= group; ++i) scored += static_cast<int64_t>(places(i));
    return scored >= phase_documents(phases_done_);
  }
  /// Trains the weights on the shortest documents of the groups up to `group`, and makes new adapters.
  AdaptUpdate learn_phase(size_t group) {
    const EvalModeGuard eval_mode(model_);
    const OneThreadPerOperation guard;
    const PhaseText text = phase_text(inputs_.text.tokens, documents_, std::span(groups_).first(group + 1),
                                      phase_documents(phases_done_));
    const std::vector<PhaseStep> steps =
        phase_steps(text.targets(), inputs_.settings.seq_len, *config_.phases);
    AdaptUpdate update{.what = "weights"};
    if (inputs_.processes.first()) update.saw = targets_of(text, steps);
    update.steps = run_phase(model_, text, steps, *config_.phases,
                             {.seq_len = inputs_.settings.seq_len,
                              .document_start = *inputs_.text.document_start,
                              .processes = inputs_.processes,
                              .threads = guard.threads()});
    standing_ = make_adapters(config_.documents.batch_documents);
    ++phases_done_;
    return update;
  }

  LowRankAdaptConfig config_;
  Decoder& model_;
  AdaptInputs inputs_;
  std::vector<Document> documents_;
  std::vector<DocumentGroup> groups_;
  std::vector<Step> steps_;
  bool learning_ = true;  ///< whether learn() follows score()

  at::Generator generator_;
  int64_t sets_ = 0;                           ///< of adapters made so far
  std::unique_ptr<LowRankAdapters> standing_;  ///< of groups of batch_documents, handed from one to the next
  std::unique_ptr<LowRankAdapters> own_;       ///< of a group of another size, thrown away after it
  size_t prepared_group_ = 0;                  ///< that the adapters are of
  int64_t phases_done_ = 0;
  std::vector<std::vector<at::Tensor>> pending_;  ///< gradients of the chunk scored last, by place
  double losses_ = 0;                             ///< their losses, added up
};

void LowRankLearner::check_settings() const {
  const int64_t context = config_.documents.context;
  const auto check_chunk = [&](int64_t chunk) {
    if (chunk > context) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("adapt.low_rank.documents: a chunk of {} tokens is longer than the evaluation length "
                       "of {}",
                       chunk, context));
    }
  };
  check_chunk(config_.documents.chunk_tokens);
  for (const ChunkLengthRule& rule : config_.documents.chunk_by_length) check_chunk(rule.chunk);
  if (!inputs_.text.document_start) {
    fail(ErrorCode::kInvalidArgument,
         "adapt.low_rank: the text's tokenizer has no token that begins a document: documents are not known");
  }
}

void LowRankLearner::check_documents() const {
  if (documents_.empty()) {
    fail(ErrorCode::kMismatch,
         fmt::format("adapt.low_rank: no document begins in the text: token {} is not in it",
                     *inputs_.text.document_start));
  }
  if (!config_.phases) return;
  const auto count = static_cast<int64_t>(documents_.size());
  if (config_.phases->phases > std::min(config_.phases->documents, count)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("adapt.low_rank.phases.phases: {} phases are more than the text has documents: {}",
                     config_.phases->phases, count));
  }
}

// "counts" (int64: sets made, phases done, group, group has adapters of its own), "generator", "standing.…",
// "own.…", and after a phase "weights.…".
TensorSet LowRankLearner::state() const {
  TensorSet state;
  state.add("counts", from_torch(at::tensor({sets_, phases_done_, static_cast<int64_t>(prepared_group_),
                                             static_cast<int64_t>(own_ != nullptr)},
                                            at::kLong)));
  state.add("generator", from_torch(generator_.get_state()));
  standing_->add_to(state, "standing.", inputs_.processes);
  if (own_) own_->add_to(state, "own.", inputs_.processes);
  if (phases_done_ > 0) {
    for (NamedTensor& weight : to_tensor_set(model_)) {
      state.add("weights." + weight.name, std::move(weight.tensor));
    }
  }
  return state;
}

void LowRankLearner::restore(const TensorSet& state) {
  const at::Tensor counts = to_torch(state.at("counts"));
  const int64_t group = counts.numel() == 4 ? counts[2].item<int64_t>() : -1;
  if (group < 0 || group >= static_cast<int64_t>(groups_.size())) {
    fail(ErrorCode::kMismatch, "the learner's state is of another text or plan");
  }
  prepared_group_ = static_cast<size_t>(group);
  own_.reset();
  if (counts[3].item<int64_t>() != 0) own_ = make_adapters(static_cast<int64_t>(places(prepared_group_)));
  sets_ = counts[0].item<int64_t>();
  phases_done_ = counts[1].item<int64_t>();
  generator_.set_state(to_torch(state.at("generator")));
  standing_->restore(state, "standing.");
  if (own_) own_->restore(state, "own.");
  if (phases_done_ == 0) return;
  TensorSet weights;
  for (const NamedTensor& tensor : state) {
    constexpr std::string_view kPrefix = "weights.";
    if (tensor.name.starts_with(kPrefix)) weights.add(tensor.name.substr(kPrefix.size()), tensor.tensor);
  }
  load_tensors(model_, weights);
}

}  // namespace

std::unique_ptr<AdaptLearner> make_low_rank_learner(const LowRankAdaptConfig& config, Decoder& model,
                                                    const AdaptInputs& inputs) {
  return std::make_unique<LowRankLearner>(config, model, inputs);
}

}  // namespace golf
