#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/train/config/config_builder.h"

namespace golf {
namespace {

// Names that programs of the submissions read and golf-train does not. Values that switch a part off, which
// golf-train has not, are taken.

// Refused: the run would train, or pack, something else than its environment asks for.
constexpr std::string_view kTraining =
    "ADAM_WEIGHT_DECAY ASYMMETRIC_LOGIT BANK_SPLIT BLOCK_LARS_MIN_SCALE BLOCK_LARS_TRUST "
    "CANON_AC_LAYERS CAUTIOUS_WD DISABLE_LAYER0_ATTN DISTILL_ENABLED DTG_ENABLED "
    "FORCE_STOP_STEP GATED_ATTENTION GATED_ATTN GATE_ATTN_OUT GATE_ATTN_SRC GATE_MLP_OUT GATE_WIDTH "
    "LATE_K_LAYERS LATE_QAT LAWA_ENABLED LAWA_FREQ LAWA_K MATRIX_LR_EARLY MATRIX_LR_LATE "
    "MIDRUN_CAP_SCHEDULE MUON_HUBER_WD NEGATIVE_SLOPE OPTROT_ENABLED PARALLEL_RESIDUAL "
    "PARALLEL_START_LAYER_IS_PHYSICAL QAT_INT6 QAT_THRESHOLD QK_GAIN_SCHEDULE RECUR_LAYERS "
    "RECUR_START_STEP REPEAT_UNTIE_MLP REPEAT_UNTIE_MLP_LAYERS ROPE_YARN SMEAR_GATE_WIDTH "
    "SPARSE_ATTN_GATE_INIT_STD TRIGRAM VALUE_RESIDUAL WARMDOWN_STEPS WEIGHT_DECAY";
constexpr std::string_view kPacking =
    "FP16_EMBED FP16_EMBED_EXPORT FP16_KEEP_NAME_PATTERNS FP16_PASSTHROUGH_PATTERNS GPTQ_AR_SELFGEN "
    "GPTQ_BLOCK_SIZE GPTQ_CALIB_BATCHES GPTQ_CALIB_SAMPLES GPTQ_DAMP GPTQ_ENABLED GPTQ_RESERVE_MS "
    "GPTQ_TEMPERATURE HESSIAN_CLIP_LAMBDA INT4_LAYERS INT4_STEP INT5_LAYERS INT6_LAYER_END "
    "INT6_LAYER_START INT6_QUANT INT8_FULL_RANGE_PATTERNS INT8_KEEP_FLOAT_FP32_NAME_PATTERNS "
    "MIXED_QUANT N_INT6_LAYERS POST_GPTQ_EVAL_ONLY PREQUANT_ONLY PRUNE_FRACTION PRUNE_RATIO "
    "QUANT_CLIP_RANGE TARGET_MB USE_GPTQ USE_INT6 USE_ZSTD ZSTD_LEVEL";

// Named in a warning, unless the packing is as they say: the training is the same, and what the records do
// after it has its own tools here.
constexpr std::string_view kPackingOfRecords =
    "ATTN_CLIP_SIGMAS AWQ_LITE_BITS AWQ_LITE_ENABLED AWQ_LITE_GROUP_SIZE AWQ_LITE_GROUP_TOP_K "
    "COMPRESSOR EMBED_BITS EMBED_CLIP_SIGMAS GATED_ATTN_QUANT_GATE "
    "LQER_ASYM_ENABLED LQER_ASYM_GROUP LQER_ENABLED LQER_FACTOR_BITS LQER_GAIN_SELECT LQER_RANK "
    "LQER_SCOPE LQER_TOP_K MATRIX_BITS MATRIX_CLIP_SIGMAS MLP_CLIP_SIGMAS";
constexpr std::string_view kEvaluation =
    "AGREE_ADD_BOOST ETLB_CLIP ETLB_ENABLED ETLB_LR ETLB_STEPS EVAL_INCLUDE_TAIL EVAL_NTK_ALPHA "
    "GLOBAL_TTT_BATCH_SEQS GLOBAL_TTT_CHUNK_TOKENS GLOBAL_TTT_DOC_LIMIT GLOBAL_TTT_EPOCHS "
    "GLOBAL_TTT_GRAD_CLIP GLOBAL_TTT_LR GLOBAL_TTT_MOMENTUM GLOBAL_TTT_MUON_NESTEROV "
    "GLOBAL_TTT_MUON_NS_STEPS GLOBAL_TTT_OPTIMIZER GLOBAL_TTT_RESPECT_DOC_BOUNDARIES "
    "GLOBAL_TTT_WARMUP_CHUNKS GLOBAL_TTT_WARMUP_START_LR LORA_LR LORA_RANK NGRAM_AGREE_BONUS "
    "NGRAM_BASE_BETA NGRAM_HINT_PRECOMPUTE_OUTSIDE NGRAM_OPEN_TABLE_BITS NGRAM_ORDER_STRIDE "
    "NGRAM_TILT_ENABLED NGRAM_WITHIN_BETA NGRAM_WITHIN_THRESHOLD NGRAM_WORD_BETA NGRAM_WORD_THRESHOLD "
    "PHASED_TTT_ENABLED PHASED_TTT_NUM_PHASES PHASED_TTT_PREFIX_DOCS SKIP_POST_TRAIN_EVAL SLOT_ENABLED "
    "SLOT_LR SLOT_STEPS TOKEN_BOOST TOKEN_ORDER TOKEN_THRESHOLD TTT_BATCH_SEQS TTT_BATCH_SIZE TTT_BETA1 "
    "TTT_BETA2 TTT_CHUNK_SIZE TTT_CHUNK_TOKENS TTT_DEBUG_BYPASS TTT_DOC_LIMIT TTT_ENABLED TTT_EPOCHS "
    "TTT_EVAL_BATCHES TTT_EVAL_ONLY TTT_EVAL_SEQ_LEN TTT_FREEZE_BLOCKS TTT_GRAD_CLIP TTT_GRAD_STEPS "
    "TTT_GRAD_STEPS_CLEAN TTT_K_LORA TTT_LOCAL_LR_MULT TTT_LORA_ALPHA TTT_LORA_EMA_DECAY "
    "TTT_LORA_EMA_ENABLED TTT_LORA_LR TTT_LORA_RANK TTT_LR TTT_MASK TTT_MLP_LORA TTT_MOMENTUM TTT_ONLY "
    "TTT_ONLY_EVAL TTT_OPTIMIZER TTT_O_LORA TTT_Q_LORA TTT_SHORT_BETA2 TTT_SHORT_CHUNK_SIZE "
    "TTT_SHORT_DOC_LEN TTT_SHORT_LORA_ENABLED TTT_SHORT_LORA_LR TTT_SHORT_LORA_RANK "
    "TTT_SHORT_SCORE_FIRST_ENABLED TTT_SHORT_SCORE_FIRST_STEPS TTT_SHORT_WEIGHT_DECAY "
    "TTT_TRAIN_CHUNK_SIZE TTT_TRAIN_MAX_DOC_LEN TTT_TRAIN_MIN_DOC_LEN TTT_UPDATE_EVERY TTT_V_LORA "
    "TTT_WARM_START_A TTT_WARM_START_MEAN_DOC_LEN TTT_WARM_START_MEAN_ENABLED "
    "TTT_WARM_START_MEAN_MOMENTUM TTT_WEIGHT_DECAY VAL_DOC_FRACTION WITHIN_BOOST WITHIN_TAU WORD_BOOST "
    "WORD_NORMALIZE WORD_ORDER WORD_TAU";

// Likewise: names that the programs read and do nothing with, settings of parts that only another variable,
// which is refused, switches on, and what concerns their files, their kernels or the size of a batch that is
// scored.
constexpr std::string_view kWithoutEffect =
    "CASEOPS_ENABLED COMPILE_SHAPE_WARMUP COMPILE_SHAPE_WARMUP_ITERS COMPILE_SHAPE_WARMUP_LOOP_MODES "
    "CONTROL_TENSOR_NAME_PATTERNS DATA_DIR FUSED_CE_ENABLED MIDRUN_CAP_LOG_UPDATES MUON_BETA2 "
    "MUON_HUBER_DELTA ROPE_TRAIN_SEQ_LEN RUN_ID SLIDING_WINDOW_ENABLED "
    "VAL_BATCH_SIZE VAL_BATCH_TOKENS";

struct Group {
  std::string_view names;  // separated by spaces
  const char* reason;
};
constexpr Group kRefused[] = {
    {kTraining, "golf-train does not train this part of the submission"},
    {kPacking, "export.recipe says how weights are packed"},
};
constexpr const char* kNothingDepends = "nothing that golf-train does depends on it";
constexpr Group kNoted[] = {
    {kPackingOfRecords, "export.recipe says how weights are packed"},
    {kEvaluation, "export.adapt and golf-eval --adapt say how a model is adapted"},
    {kWithoutEffect, kNothingDepends},
};

/// A setting of a part that golf-train has, but with one value of that setting alone.
struct Dependent {
  const char* name;
  const char* part;  ///< the variable that switches the part on; else the setting is without effect
  const char* reason;
};
constexpr Dependent kDependent[] = {
    {"ATTN_OUT_GATE_SRC", "ATTN_OUT_GATE_ENABLED", "golf-train's gate reads the block's normed input"},
    {"GATED_ATTN_INIT_STD", "GATED_ATTN_ENABLED", "golf-train's gate starts at 0"},
};

/// The value with which a setting does what golf-train does anyway. Settings without one must be unset.
struct Off {
  const char* name;
  double value;
};
constexpr Off kOff[] = {
    {"FORCE_STOP_STEP", 0},
    {"FP16_EMBED", 1},
    {"FP16_EMBED_EXPORT", 1},
    {"GATED_ATTENTION", 0},
    {"INT6_QUANT", 1},
    {"LATE_K_LAYERS", 0},
    {"LORA_RANK", 0},
    {"MUON_HUBER_WD", 0},
    {"PRUNE_FRACTION", 0},
    {"ROPE_YARN", 0},
    {"SPARSE_ATTN_GATE_INIT_STD", 0},
    {"TRIGRAM", 0},
    {"VALUE_RESIDUAL", 0},
};

std::optional<double> off_value(std::string_view name) {
  const auto found = std::ranges::find(kOff, name, &Off::name);
  if (found != std::end(kOff)) return found->value;
  return name.ends_with("_ENABLED") ? std::optional(0.0) : std::nullopt;
}

bool is_number(const std::string& text, double expected) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value == expected;
}

std::optional<std::string> given(const VariableLookup& variable, const char* name) {
  auto text = variable(name);
  return text && text->empty() ? std::nullopt : text;
}

struct Unread {
  std::string name, text;
  const char* reason;
};

/// Those of the group that are set, to something else than what golf-train does anyway.
void add_unread(const Group& group, const VariableLookup& variable, std::vector<Unread>& unread) {
  for (const auto word : std::views::split(group.names, ' ')) {
    const std::string name(word.begin(), word.end());
    const std::optional<std::string> text = given(variable, name.c_str());
    if (!text) continue;
    const std::optional<double> off = off_value(name);
    if (!off || !is_number(*text, *off)) unread.push_back({name, *text, group.reason});
  }
}

/// Whether the part that the setting belongs to is switched on.
bool matters(const Dependent& setting, const VariableLookup& variable) {
  const std::optional<std::string> part = given(variable, setting.part);
  return part && !is_number(*part, 0);
}

std::vector<Unread> refused_variables(const VariableLookup& variable) {
  std::vector<Unread> refused;
  for (const Group& group : kRefused) add_unread(group, variable, refused);
  for (const Dependent& setting : kDependent) {
    const auto text = given(variable, setting.name);
    if (text && matters(setting, variable)) refused.push_back({setting.name, *text, setting.reason});
  }
  return refused;
}

}  // namespace

void refuse_unread_variables(const VariableLookup& variable) {
  const std::vector<Unread> refused = refused_variables(variable);
  if (refused.empty()) return;
  const Unread& first = refused.front();
  const std::optional<double> off = off_value(first.name);
  std::string message = fmt::format("environment variable {}={}: {}; {}", first.name, printable(first.text),
                                    first.reason, off ? fmt::format("only {} is taken", *off) : "unset it");
  if (refused.size() > 1) {
    std::vector<std::string> others;
    for (size_t i = 1; i < refused.size(); ++i) others.push_back(refused[i].name);
    message += fmt::format(" (golf-train does not read {} either)", fmt::join(others, ", "));
  }
  fail(ErrorCode::kInvalidArgument, message);
}

std::vector<std::string> unread_variable_notes(const VariableLookup& variable,
                                               const std::set<std::string>& read) {
  std::vector<Unread> noted;
  for (const Group& group : kNoted) add_unread(group, variable, noted);
  for (const Dependent& setting : kDependent) {
    const auto text = given(variable, setting.name);
    if (text && !matters(setting, variable)) noted.push_back({setting.name, *text, kNothingDepends});
  }
  std::vector<std::string> notes;
  for (const Group& group : kNoted) {
    std::vector<std::string> names;
    for (const Unread& one : noted) {
      if (one.reason == group.reason && !read.contains(one.name)) names.push_back(one.name);
    }
    if (names.empty()) continue;
    notes.push_back(
        fmt::format("environment variables not read: {}: {}", fmt::join(names, ", "), group.reason));
  }
  return notes;
}

}  // namespace golf
