#include "adapt/low_rank_learner.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "adapt/document_pass.h"
#include "adapt/document_schedule.h"
#include "adapt/low_rank_adapters.h"
#include "adapt/phase.h"
#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/torch_tensors.h"

namespace golf {
namespace {

/// Tokens in one pass on a processor: what a core's caches hold, and enough passes for all cores.
constexpr int64_t kPartTokens = 1024;

class LowRankLearner : public AdaptLearner {
 public:
  LowRankLearner(const LowRankAdaptConfig& config, Decoder& model, const AdaptInputs& inputs)
      : config_(with_context(config, inputs)),
        model_(model),
        inputs_(inputs),
        schedule_(inputs.text.tokens, inputs.text.document_start, config_.documents),
        generator_(at::detail::createCPUGenerator(config.seed)) {
    check_phases();
    standing_ = make_adapters(config_.documents.batch_documents);
    begin_group(0);
  }

  std::string plan_text() const override { return fmt::format("documents of {}", config_.documents.context); }
  int64_t chunks() const override { return schedule_.chunks(); }
  int64_t windows() const override { return schedule_.windows(); }
  Coverage coverage() const override { return schedule_.coverage(inputs_.text.targets()); }
  std::string chunk_text(int64_t index) const override {
    const Chunk& chunk = schedule_.chunk(index);
    return fmt::format("group {} of {}, chunk {}", chunk.group + 1, schedule_.groups().size(),
                       chunk.index + 1);
  }

  void set_learning(bool on) override { learning_ = on; }

  void score(int64_t index, const ScoreOptions& options, const ScoreSink& sink) override {
    pass_own_parts(schedule_.chunk(index), options);
    TokenScores scores;
    for (DocumentPass& pass : passes_) scores.append(std::exchange(pass.scores, {}));
    if (scores.size() > 0) sink(scores);
  }

  std::vector<AdaptUpdate> learn(int64_t index) override {
    const Chunk& chunk = schedule_.chunk(index);
    std::vector<AdaptUpdate> updates;
    if (!chunk.is_last) {
      updates.push_back(update_adapters(chunk));
      for (int64_t more = 1; more < config_.grad_steps; ++more) {
        pass_own_parts(chunk, {});
        updates.push_back(update_adapters(chunk));
      }
      return updates;
    }
    if (boundary_reached(chunk.group)) {
      AdaptUpdate phase = learn_phase(chunk.group);
      if (!phase.steps.empty()) updates.push_back(std::move(phase));
    }
    if (index + 1 < chunks()) begin_group(chunk.group + 1);
    return updates;
  }

  TensorSet state() const override;
  void restore(const TensorSet& state) override;

 private:
  using Chunk = DocumentSchedule::Chunk;

  static LowRankAdaptConfig with_context(LowRankAdaptConfig config, const AdaptInputs& inputs) {
    if (config.documents.context == 0) config.documents.context = inputs.settings.seq_len;
    return config;
  }
  void check_phases() const {
    const auto documents = static_cast<int64_t>(schedule_.documents().size());
    if (!config_.phases || config_.phases->phases <= documents) return;
    fail(ErrorCode::kInvalidArgument,
         fmt::format("adapt.low_rank.phases.phases: {} phases are more than the text has documents: {}",
                     config_.phases->phases, documents));
  }

  std::unique_ptr<LowRankAdapters> make_adapters(int64_t documents) {
    return std::make_unique<LowRankAdapters>(model_, config_, documents, sets_++, generator_);
  }
  LowRankAdapters& adapters() const { return own_ ? *own_ : *standing_; }
  void begin_group(int64_t group) {
    own_.reset();
    if (schedule_.places(group) != standing_->documents()) {
      own_ = make_adapters(schedule_.places(group));
    } else if (config_.keep_a) {
      standing_->reset();
    } else {
      standing_ = make_adapters(schedule_.places(group));
    }
    adapted_group_ = group;
  }

  /// Whether this process learns the document at a place out of `places`.
  bool is_own(int64_t places, int64_t place) const {
    return DocumentSchedule::owner(places, place, inputs_.processes.count) == inputs_.processes.index;
  }
  /// "document 12, chunk 3 of 9".
  std::string place_text(const Chunk& chunk, int64_t place) const {
    const DocumentGroup& group = schedule_.groups()[static_cast<size_t>(chunk.group)];
    const int64_t document = group.documents[static_cast<size_t>(place)];
    return fmt::format("document {}, chunk {} of {}", document + 1, chunk.index + 1,
                       chunks_of(schedule_.documents()[static_cast<size_t>(document)], group.chunk));
  }
  void require_finite(const Chunk& chunk, int64_t place, double value, std::string_view what) const {
    if (std::isfinite(value)) return;
    fail(ErrorCode::kRunFailed,
         fmt::format("adaptation: {}: the {} is not finite: a smaller adapt.low_rank.lr "
                     "may help",
                     place_text(chunk, place), what));
  }

  /// Fills parts_ and passes_ with this process's share of a chunk. Documents that have more to score learn.
  void pass_own_parts(const Chunk& chunk, const ScoreOptions& options) {
    const EvalModeGuard eval_mode(model_);
    const OneThreadPerOperation guard;
    const FrozenWeights frozen(model_);
    const bool on_cpu = model_->parameters().front().device().is_cpu();
    parts_ = schedule_.parts(chunk, on_cpu ? kPartTokens : inputs_.text.size());
    const int64_t places = schedule_.places(chunk.group);
    std::erase_if(parts_, [&](const DocumentPart& part) { return !is_own(places, part.first_place); });
    const bool adapted = learning_ && chunk.group == adapted_group_;
    passes_ = std::vector<DocumentPass>(parts_.size());
    parallel_for(parts_.size(), on_cpu ? guard.threads() : 1, [&](size_t i) {
      const DocumentPart& part = parts_[i];
      const bool learns = adapted && part.has_more;
      std::optional<BatchAdapters> own;
      if (adapted) own.emplace(adapters(), part.first_place, part.size(), learns);
      passes_[i] =
          pass_documents(model_, inputs_.text.tokens, part.windows, own ? &*own : nullptr, learns, options);
      for (size_t row = 0; row < part.windows.size(); ++row) {
        require_finite(chunk, part.first_place + static_cast<int64_t>(row), passes_[i].losses[row], "loss");
      }
    });
  }

  /// One step of AdamW on the adapters of the group. Documents that have nothing more to score get no
  /// gradient.
  AdaptUpdate update_adapters(const Chunk& chunk) {
    const OneThreadPerOperation guard;
    AdaptUpdate update{.what = "adapters"};
    at::Tensor sums = at::zeros({3}, at::kDouble);  // documents, losses, squares of the gradients
    adapters().begin_update();
    const int64_t places = schedule_.places(chunk.group);
    int64_t done = 0;
    const auto decay_until = [&](int64_t place) {
      for (; done < place; ++done) {
        if (is_own(places, done)) adapters().step(done, 1, {});
      }
    };
    std::vector<double> squares(parts_.size());
    parallel_for(parts_.size(), guard.threads(), [&](size_t i) {
      const DocumentPart& part = parts_[i];
      if (!part.has_more) return;
      squares[i] = adapters().step(part.first_place, part.size(), std::exchange(passes_[i].gradients, {}));
      require_finite(chunk, part.first_place, squares[i], "gradient");
    });
    for (size_t i = 0; i < parts_.size(); ++i) {
      const DocumentPart& part = parts_[i];
      if (!part.has_more) continue;
      decay_until(part.first_place);
      done += part.size();
      sums[0] += part.size();
      for (const double loss : passes_[i].losses) sums[1] += loss;
      sums[2] += squares[i];
      for (const Window& window : part.windows)
        update.saw.push_back({window.first_target(), window.scored()});
    }
    decay_until(places);
    if (!inputs_.processes.alone()) inputs_.processes.sum(sums);
    const double documents = sums[0].item<double>();
    update.steps = {{.rows = static_cast<int64_t>(documents),
                     .loss = sums[1].item<double>() / documents,
                     .grad_norm = std::sqrt(sums[2].item<double>()),
                     .lr = config_.lr}};
    return update;
  }

  /// Scored documents at which a phase begins.
  int64_t boundary(int64_t phase) const {
    const auto documents = static_cast<int64_t>(schedule_.documents().size());
    return std::min(config_.phases->documents, documents) * (phase + 1) / config_.phases->phases;
  }
  /// Whether the group's end brings enough scored documents for the next phase.
  bool boundary_reached(int64_t group) const {
    if (!config_.phases || phases_done_ >= config_.phases->phases) return false;
    int64_t scored = 0;
    for (int64_t i = 0; i <= group; ++i) scored += schedule_.places(i);
    return scored >= boundary(phases_done_);
  }
  /// Trains the weights on the shortest documents of the groups up to `group`, and makes new adapters.
  AdaptUpdate learn_phase(int64_t group) {
    const EvalModeGuard eval_mode(model_);
    const OneThreadPerOperation guard;
    const auto finished = std::span(schedule_.groups()).first(static_cast<size_t>(group) + 1);
    const PhaseText text =
        phase_text(inputs_.text.tokens, schedule_.documents(), finished, boundary(phases_done_));
    const int64_t seq_len = inputs_.settings.seq_len;
    const std::vector<PhaseStep> steps = phase_steps(text.targets(), seq_len, *config_.phases);
    AdaptUpdate update{.what = "weights"};
    if (inputs_.processes.first()) update.saw = targets_of(text, steps);
    update.steps = run_phase(model_, text, steps, *config_.phases,
                             {.seq_len = seq_len,
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
  DocumentSchedule schedule_;
  bool learning_ = true;  ///< whether learn() follows score()

  at::Generator generator_;
  int64_t sets_ = 0;                           ///< of adapters made so far
  std::unique_ptr<LowRankAdapters> standing_;  ///< of groups of batch_documents, handed from one to the next
  std::unique_ptr<LowRankAdapters> own_;       ///< of a group of another size, thrown away after it
  int64_t adapted_group_ = 0;                  ///< that the adapters are of
  int64_t phases_done_ = 0;

  std::vector<DocumentPart> parts_;  ///< of the chunk scored last, this process's
  std::vector<DocumentPass> passes_;
};

// "counts" (int64: sets made, phases done, group, group has adapters of its own), "generator", "standing.…",
// "own.…", and after a phase "weights.…".
TensorSet LowRankLearner::state() const {
  TensorSet state;
  state.add("counts",
            from_torch(at::tensor(
                {sets_, phases_done_, adapted_group_, static_cast<int64_t>(own_ != nullptr)}, at::kLong)));
  state.add("generator", from_torch(generator_.get_state()));
  const auto add = [&](const LowRankAdapters& adapters, const std::string& prefix) {
    adapters.add_to(state, prefix, inputs_.processes,
                    [&](int64_t document) { return is_own(adapters.documents(), document); });
  };
  add(*standing_, "standing.");
  if (own_) add(*own_, "own.");
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
  if (group < 0 || group >= static_cast<int64_t>(schedule_.groups().size())) {
    fail(ErrorCode::kMismatch, "the learner's state is of another text or plan");
  }
  adapted_group_ = group;
  own_.reset();
  if (counts[3].item<int64_t>() != 0) own_ = make_adapters(schedule_.places(group));
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
