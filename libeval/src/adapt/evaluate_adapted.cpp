#include "golf/adapt/evaluate_adapted.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "adapt/adapt_account.h"
#include "adapt/adapted_receipt.h"
#include "adapt/chunk_places.h"
#include "eval/resume_file.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr std::string_view kLegality = "normalized, score first";

/// One adapted evaluation: the walk over the chunks and what it keeps.
class Walk {
 public:
  Walk(Decoder& model, const TextView& text, const EvalSettings& settings, const AdaptConfig& config,
       const AdaptOptions& options)
      : options_(options),
        text_(text),
        kept_(text.first(kept_targets(settings, text.size()) + 1)),
        plan_(make_plan(settings, kept_.targets())),
        learner_(make_learner(config, model, {kept_, settings, options.processes})),
        chain_(options.post_processing, kept_, plan_, model->config().vocab_size),
        settings_(settings),
        config_(config),
        vocab_size_(model->config().vocab_size),
        file_(options.resume, kAdaptResumeSchema, options.processes) {
    if (!options.processes.alone()) require_stateless(options.post_processing, "several processes");
    if (file_.wanted()) require_stateless(options.post_processing, "--resume");
    resume();
  }

  AdaptedResult run() {
    if (options_.score_before && !before_done_) walk_before();
    before_done_ = true;
    walk_adapted();
    return result();
  }

 private:
  bool alone() const { return options_.processes.alone(); }

  /// The model as it was loaded, chunk by chunk.
  void walk_before() {
    begin_progress("evaluate without adaptation");
    learner_->set_learning(false);
    for (; next_ < learner_->chunks(); ++next_) {
      BpbTotals totals;
      learner_->score(next_, {.batch_seqs = settings_.batch_seqs}, [&](const TokenScores& scores) {
        totals.add(scores, kept_.bytes);
        require_finite(totals);
        before_.add(scores, kept_.bytes);
        report(scores.size(), fmt::format("bpb {:.4f}", before_.val_bpb()));
      });
      own_.before.push_back(totals);
      save_if_due();
    }
    learner_->set_learning(true);
    next_ = 0;
  }

  /// Score, then learn.
  void walk_adapted() {
    begin_progress("adapt");
    const ScoreOptions score_options{.batch_seqs = settings_.batch_seqs,
                                     .entropy = chain_.needs_entropy(),
                                     .named_tokens = chain_.named_tokens(),
                                     .sampled_targets = chain_.audited_targets()};
    for (; next_ < learner_->chunks(); ++next_) {
      ChunkEvents events{.scored = {.chunk = next_, .after_update = updates_}};
      learner_->score(next_, score_options, [&](TokenScores& scores) {
        chain_.run(scores);
        require_finite(chain_.totals());
        append_scores(events.scored.ranges, scores, kept_);
        if (options_.trace) options_.trace(scores);
        report(scores.size(), note());
      });
      for (AdaptUpdate& update : learner_->learn(next_)) {
        events.updates.push_back({.update = ++updates_, .chunk = next_, .what = std::move(update.what)});
        events.updates.back().saw = std::move(update.saw);
        steps_.insert(steps_.end(), update.steps.begin(), update.steps.end());
      }
      own_.log.push_back(std::move(events));
      save_if_due();
    }
    save();
  }

  void require_finite(const BpbTotals& totals) const {
    if (!totals.first_nonfinite_target) return;
    fail(ErrorCode::kRunFailed,
         fmt::format("adapted evaluation: {} ({}): the loss is not finite: the weights are broken, or the "
                     "learning rate is too large",
                     learner_->chunk_text(next_), target_place(kept_, *totals.first_nonfinite_target, 1)));
  }

  void begin_progress(std::string stage) {
    const auto all = static_cast<uint64_t>(learner_->coverage().scored);
    const auto chunks = static_cast<uint64_t>(learner_->chunks());
    progress_ = {.stage = std::move(stage),
                 .done = all * static_cast<uint64_t>(next_) / chunks / share_count(),
                 .total = all / share_count(),
                 .unit = "tokens",
                 .note = ""};
  }
  uint64_t share_count() const { return static_cast<uint64_t>(options_.processes.count); }

  void report(int64_t tokens, std::string note) {
    if (!options_.progress) return;
    progress_.done = std::min(progress_.done + static_cast<uint64_t>(tokens), progress_.total);
    progress_.note = std::move(note);
    options_.progress(progress_);
  }

  /// The running score with adaptation, and without it over the same chunks.
  std::string note() {
    const std::string adapted = fmt::format("bpb {:.4f}", chain_.totals().val_bpb());
    if (!options_.score_before || own_.before.size() <= static_cast<size_t>(next_)) return adapted;
    for (; before_summed_ <= next_; ++before_summed_) {
      running_before_.add(own_.before[static_cast<size_t>(before_summed_)]);
    }
    return fmt::format("{} (before {:.4f})", adapted, running_before_.val_bpb());
  }

  AdaptAccount merged() const {
    AdaptAccount own = own_;
    own.stages = chain_.all_totals();
    if (alone()) return own;
    const Bytes bytes = encode(own);
    AdaptAccount all;
    int64_t process = 0;
    for (const std::string& text : options_.processes.gather(std::string(as_text(bytes)))) {
      all.merge(decode_adapt_account(as_bytes(text), fmt::format("process {}", process++)));
    }
    return all;
  }

  void save_if_due() {
    if (!file_.due()) return;
    ++next_;  // this chunk is done
    save();
    --next_;
  }

  void save() {
    if (!file_.wanted()) return;
    EvalResumePoint point = to_resume_point({.before_done = before_done_,
                                             .next_chunk = next_,
                                             .account = merged(),
                                             .learner = learner_->state()});
    file_.write(std::move(point.facts), std::move(point.tensors));
  }

  void resume() {
    std::optional<EvalResumePoint> found = file_.read();
    if (!found) return;
    const std::string name = file_.name();
    AdaptResumePoint point = to_adapt_resume_point(std::move(*found), name);
    const int64_t adapted = static_cast<int64_t>(point.account.log.size());
    if (point.next_chunk < 0 || point.next_chunk > learner_->chunks() ||
        adapted != (point.before_done ? point.next_chunk : 0) ||
        point.account.stages.size() != chain_.all_totals().size()) {
      fail(ErrorCode::kCorruptData, fmt::format("{}: chunk {} of {} with {} in its log cannot be", name,
                                                point.next_chunk, learner_->chunks(), adapted));
    }
    try {
      learner_->restore(point.learner);
    } catch (const Error& error) {
      fail_within(name, error);
    }
    before_done_ = point.before_done;
    next_ = point.next_chunk;
    for (const ChunkEvents& chunk : point.account.log) {
      updates_ += static_cast<int64_t>(chunk.updates.size());
    }
    if (!options_.processes.first()) point.account.clear();
    own_ = std::move(point.account);
    chain_.restore(std::exchange(own_.stages, {}));
    for (const BpbTotals& chunk : own_.before) before_.add(chunk);
  }

  AdaptedResult result() {
    AdaptAccount all = merged();
    AdaptedResult found{.result = make_result(settings_, plan_, all.stages.back(), text_),
                        .receipt = make_receipt(all, {.text = kept_,
                                                      .coverage = learner_->coverage(),
                                                      .vocab_size = vocab_size_,
                                                      .config = config_,
                                                      .post_processing = options_.post_processing}),
                        .audit = {},
                        .steps = std::move(steps_)};
    found.audit = audit_adaptation(found.receipt);
    EvalResult& result = found.result;
    result.windows = learner_->windows();
    result.coverage = learner_->coverage();
    result.stages = chain_.stages();
    for (size_t i = 0; i < result.stages.size(); ++i) {
      result.stages[i].val_loss = all.stages[i].val_loss();
      result.stages[i].val_bpb = all.stages[i].val_bpb();
    }
    result.stages.front().name = "adapted";
    result.stages.front().legality = kLegality;
    if (options_.score_before) {
      BpbTotals before;
      for (const BpbTotals& chunk : all.before) before.add(chunk);
      result.stages.insert(result.stages.begin(), {.name = "model",
                                                   .legality = "normalized",
                                                   .val_loss = before.val_loss(),
                                                   .val_bpb = before.val_bpb()});
    }
    result.legality = result.stages.back().legality;
    result.adaptation = Json::object({{"plan", learner_->plan_text()},
                                      {"chunks", learner_->chunks()},
                                      {"updates", updates_},
                                      {"processes", options_.processes.count},
                                      {"config", to_json(config_)},
                                      {"audit", to_json(found.audit)}});
    result.seconds = file_.seconds();
    result.tokens_per_second = static_cast<double>(result.tokens) / std::max(result.seconds, 1e-9);
    return found;
  }

  const AdaptOptions& options_;
  TextView text_;  ///< before it was cut
  TextView kept_;
  WindowPlan plan_;
  std::unique_ptr<AdaptLearner> learner_;
  PostProcessorChain chain_;
  EvalSettings settings_;
  AdaptConfig config_;
  int64_t vocab_size_;
  ResumeFile file_;

  AdaptAccount own_ = {};  ///< stages stay in the chain meanwhile
  std::vector<AdaptStep> steps_ = {};
  bool before_done_ = false;
  int64_t next_ = 0;  ///< chunk of the pass that is under way
  int64_t updates_ = 0;

  Progress progress_ = {};
  BpbTotals before_ = {};          ///< over all chunks so far
  BpbTotals running_before_ = {};  ///< over the chunks that were adapted so far
  int64_t before_summed_ = 0;
};

}  // namespace

AdaptedResult evaluate_adapted(Decoder& model, const TextView& text, const EvalSettings& settings,
                               const AdaptConfig& config, const AdaptOptions& options) {
  return Walk(model, text, settings, config, options).run();
}

}  // namespace golf
