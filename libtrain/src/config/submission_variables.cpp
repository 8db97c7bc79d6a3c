#include "config/packing_variables.h"
#include "config/variables.h"
#include "golf/artifact/spec/feature_declaration.h"
#include "golf/train/config/config_builder.h"

namespace golf {
namespace {

/// A variable that stands for one value of the model or of the evaluation. Those of the training options are
/// declared with the options.
struct Row {
  const char* variable;
  const char* key;
  OptionType type;
};
constexpr Row kRows[] = {
    {"VOCAB_SIZE", "model.vocab_size", OptionType::kInteger},
    {"NUM_LAYERS", "model.num_layers", OptionType::kInteger},
    {"NUM_HEADS", "model.num_heads", OptionType::kInteger},
    {"NUM_KV_HEADS", "model.num_kv_heads", OptionType::kInteger},
    {"TIE_EMBEDDINGS", "model.tie_embeddings", OptionType::kFlag},
    {"ROPE_BASE", "model.rope_base", OptionType::kNumber},
    {"LOGIT_SOFTCAP", "model.logit_softcap", OptionType::kNumber},
    {"LN_SCALE", "model.layer_scale", OptionType::kFlag},
    {"EVAL_BATCH_SEQS", "eval.batch_seqs", OptionType::kInteger},
};

void apply_row(Variables& variables, const char* variable, const std::string& key, OptionType type) {
  if (!variables.text(variable)) return;
  switch (type) {
    case OptionType::kInteger:
      return variables.set(key, *variables.integer(variable), variable);
    case OptionType::kNumber:
      return variables.set(key, *variables.number(variable), variable);
    case OptionType::kFlag:
      return variables.set(key, *variables.flag(variable), variable);
    case OptionType::kText:
    case OptionType::kList:
      return variables.set(key, *variables.text(variable), variable);
  }
}

void apply_rows(Variables& variables) {
  for (const Row& row : kRows) apply_row(variables, row.variable, row.key, row.type);
  for (const OptionRow& row : train_options()) {
    for (const char* variable : row.option.variables) apply_row(variables, variable, row.key, row.type);
  }
}

/// MLP_HIDDEN, else MLP_MULT times the width, else the ratio that the configuration has.
void apply_widths(Variables& variables) {
  const ModelConfig before = variables.config().model;
  if (const auto dim = variables.integer("MODEL_DIM")) variables.set("model.model_dim", *dim, "MODEL_DIM");
  const int64_t dim = variables.config().model.model_dim;
  if (const auto hidden = variables.integer("MLP_HIDDEN"); hidden && *hidden > 0) {
    variables.set("model.mlp_hidden", *hidden, "MLP_HIDDEN");
  } else if (const auto times = variables.number("MLP_MULT")) {
    variables.set("model.mlp_hidden", static_cast<int64_t>(*times * static_cast<double>(dim)), "MLP_MULT");
  } else if (dim != before.model_dim && before.model_dim > 0) {
    variables.set("model.mlp_hidden", before.mlp_hidden * dim / before.model_dim, "MODEL_DIM");
  }
}

void apply_lengths(Variables& variables) {
  const auto train = variables.integer("TRAIN_SEQ_LEN");
  const auto eval = variables.integer("EVAL_SEQ_LEN");
  if (train) variables.set("data.seq_len", *train, "TRAIN_SEQ_LEN");
  if (eval && *eval > 0) {
    variables.set("eval.seq_len", *eval, "EVAL_SEQ_LEN");
  } else if (train) {
    variables.set("eval.seq_len", *train, "TRAIN_SEQ_LEN");
  }
  const auto stride = variables.integer("EVAL_STRIDE");
  if (stride && *stride > 0) {  // 0 turns sliding evaluation off, which is golf-eval's --mode
    variables.set("eval.stride", *stride, "EVAL_STRIDE");
  } else if (const EvalConfig config = variables.config().eval; config.stride > config.seq_len) {
    variables.set("eval.stride", config.seq_len, eval ? "EVAL_SEQ_LEN" : "TRAIN_SEQ_LEN");
  }
}

/// What one feature's declaration sees of the variables.
class FeatureView : public FeatureVariables {
 public:
  FeatureView(Variables& variables, std::string_view feature)
      : variables_(variables), section_("model." + std::string(feature)) {}

  std::optional<std::string> text(const char* name) const override { return variables_.text(name); }
  std::optional<double> number(const char* name) const override { return variables_.number(name); }
  std::optional<int64_t> integer(const char* name) const override { return variables_.integer(name); }
  std::optional<bool> flag(const char* name) const override { return variables_.flag(name); }
  void refuse(const char* name, const std::string& problem) const override {
    variables_.refuse(name, problem);
  }
  ModelConfig model() const override { return variables_.config().model; }
  bool has(std::string_view section) const override { return variables_.has(key_of(section)); }
  void turn(bool on, const char* name) override { variables_.turn(section_, on, name); }
  void set(std::string_view key, Json value, const char* name) override {
    variables_.set(key_of(key), std::move(value), name);
  }

 private:
  std::string key_of(std::string_view key) const {
    return key.empty() ? section_ : section_ + "." + std::string(key);
  }

  Variables& variables_;
  std::string section_;
};

void apply_features(Variables& variables) {
  for (const FeatureDeclaration& feature : feature_declarations()) {
    if (feature.read_variables == nullptr) continue;
    FeatureView view(variables, feature.name);
    feature.read_variables(view);
  }
}

void apply_markov_rates(Variables& variables) {
  if (const auto rate = variables.number("MARKOV_LR")) {
    variables.set("optimizer.markov_lr", *rate, "MARKOV_LR");
    if (!variables.text("MARKOV2_LR")) variables.set("optimizer.markov_pairs_lr", *rate, "MARKOV_LR");
  }
  if (const auto rate = variables.number("MARKOV2_LR")) {
    variables.set("optimizer.markov_pairs_lr", *rate, "MARKOV2_LR");
  }
}

void apply_qat(Variables& variables) {
  for (const char* name : {"QAT", "QAT_ENABLED"}) {  // PR 192; PRs 262, 993: from the first step
    const auto on = variables.flag(name);
    if (!on) continue;
    const bool waits = variables.config().qat.start_lr_below > 0;
    if (*on || !waits) variables.set("qat.method", *on ? "fake_quant" : "off", name);
    if (*on && waits) variables.set("qat.start_lr_below", 0.0, name);
  }
  if (const auto bits = variables.integer("QUANT_BITS")) {
    variables.set("qat.bits", *bits == 6 ? 6 : 8, "QUANT_BITS");
  }
  if (const auto below = variables.number("LATE_QAT_THRESHOLD")) {
    const bool always = variables.flag("QAT_ENABLED").value_or(false);
    if (!always) {
      variables.set("qat.method", *below > 0 ? "fake_quant" : "off", "LATE_QAT_THRESHOLD");
      variables.set("qat.start_lr_below", *below, "LATE_QAT_THRESHOLD");
    }
  }
  if (const auto last = variables.number("QAT_FRACTION")) {  // PR 88
    variables.set("qat.method", *last > 0 ? "fake_quant" : "off", "QAT_FRACTION");
    if (*last > 0) variables.set("qat.start_fraction", 1 - *last, "QAT_FRACTION");
  }
  if (const auto start = variables.number("QAT_START_FRAC")) {  // PR 1046
    variables.set("qat.method", *start > 0 ? "noise" : "off", "QAT_START_FRAC");
    if (*start > 0) variables.set("qat.start_fraction", *start, "QAT_START_FRAC");
  }
}

/// What the records of April and May read beside the options' own variables.
void apply_records(Variables& variables) {
  if (const auto decay = variables.number("EMBED_WD")) {
    variables.turn("optimizer.groups.embedding", true, "EMBED_WD");
    variables.set("optimizer.groups.embedding.weight_decay", *decay, "EMBED_WD");
  }
  // The rates fall over the last iterations or over the last share of the run: one replaces the other.
  const int64_t last_iterations = variables.integer("WARMDOWN_ITERS").value_or(0);
  if (const auto share = variables.number("WARMDOWN_FRAC")) {
    if (*share > 0 && last_iterations > 0) {
      variables.refuse("WARMDOWN_FRAC", "WARMDOWN_ITERS is given too: unset one of them");
    }
    variables.set("schedule.warmdown_fraction", *share > 0 ? Json(*share) : Json(), "WARMDOWN_FRAC");
    if (last_iterations == 0) variables.set("schedule.warmdown_iters", 0, "WARMDOWN_FRAC");
  } else if (last_iterations > 0) {
    variables.set("schedule.warmdown_fraction", Json(), "WARMDOWN_ITERS");
  }
  if (const auto polar = variables.flag("USE_POLAR_EXPRESS")) {
    variables.set("optimizer.muon.ns_coefficients", *polar ? "polar_express" : "quintic",
                  "USE_POLAR_EXPRESS");
  }
  const std::string taper = "optimizer.muon.decay_taper";
  for (const auto& [name, key] : {std::pair{"WD_TAPER_START_FRAC", ".start_fraction"},  // PR 1729
                                  std::pair{"WD_TAPER_FINAL_MULT", ".final_scale"}}) {
    const auto value = variables.number(name);
    if (!value) continue;
    if (*value != 1) {
      variables.turn(taper, true, name);
      variables.set(taper + key, *value, name);
    } else {  // begins at the end, or falls to the whole
      variables.turn(taper, false, name);
      break;
    }
  }
  if (const auto width = variables.integer("EMBEDDING_DIM")) {
    const int64_t dim = variables.config().model.model_dim;
    if (*width != dim) {
      variables.refuse("EMBEDDING_DIM", "golf-train does not train this part of the submission; only " +
                                            std::to_string(dim) + ", the model's width, is taken");
    }
  }
}

/// PR 2014: its lengths change by the clock, as ours do where that is capped, or by steps.
void check_length_schedule(const Variables& variables) {
  constexpr const char* kMode = "TRAIN_SEQ_SCHEDULE_MODE";
  const auto mode = variables.text(kMode);
  if (mode && *mode != "wallclock") {
    variables.refuse(kMode,
                     "lengths change by the clock where that is capped, else by steps: only wallclock "
                     "is taken");
  }
}

void apply_clock_and_averages(Variables& variables) {
  if (const auto cap = variables.number("MAX_WALLCLOCK_SECONDS")) {
    variables.set("schedule.max_wallclock_seconds", std::max(*cap, 0.0), "MAX_WALLCLOCK_SECONDS");
  }
  if (const auto on = variables.flag("EMA_ENABLED")) {  // PR 88, whose own decay is 0.999
    const double decay = variables.config().weights.ema.decay;
    variables.set("weights.ema.decay", !*on ? 0.0 : decay > 0 ? decay : 0.999, "EMA_ENABLED");
  }
}

}  // namespace

std::vector<std::string> apply_submission_variables(ConfigBuilder& builder, const VariableLookup& lookup) {
  Variables variables(builder, lookup);
  refuse_unread_variables(lookup);
  apply_widths(variables);
  apply_lengths(variables);
  apply_features(variables);
  apply_markov_rates(variables);
  apply_rows(variables);
  apply_records(variables);
  apply_qat(variables);
  check_length_schedule(variables);
  apply_clock_and_averages(variables);
  return unread_variable_notes(lookup, apply_packing_variables(variables));
}

}  // namespace golf
