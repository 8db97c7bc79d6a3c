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

// Names that programs of the submissions read and golf-train does not. Those that change nothing about the
// training are left out: paths, RUN_ID, sizes of evaluation batches, SLIDING_WINDOW_ENABLED.

constexpr std::string_view kTraining =
    "ADAM_WEIGHT_DECAY ASYMMETRIC_LOGIT ATTN_OUT_GATE_SRC BANK_SPLIT BLOCK_LARS_MIN_SCALE "
    "BLOCK_LARS_TRUST CANON_AC_LAYERS CASEOPS_ENABLED CAUTIOUS_WD DISABLE_LAYER0_ATTN DISTILL_ENABLED "
    "DTG_ENABLED EMBEDDING_DIM EMBED_WD ENABLE_LOOPING_AT FORCE_STOP_STEP GATED_ATTENTION GATED_ATTN "
    "GATED_ATTN_INIT_STD GATE_ATTN_OUT GATE_ATTN_SRC GATE_MLP_OUT GATE_WIDTH LATE_K_LAYERS LATE_QAT "
    "LAWA_ENABLED LAWA_FREQ LAWA_K MATRIX_LR_EARLY MATRIX_LR_LATE MUON_BETA2 "
    "NEGATIVE_SLOPE PARALLEL_RESIDUAL PARALLEL_START_LAYER_IS_PHYSICAL QAT_THRESHOLD RECUR_LAYERS "
    "RECUR_START_STEP REPEAT_UNTIE_MLP REPEAT_UNTIE_MLP_LAYERS ROPE_TRAIN_SEQ_LEN ROPE_YARN "
    "SEQ_CHANGE_WARMUP_STEPS SMEAR_GATE_WIDTH SPARSE_ATTN_GATE_INIT_STD TRIGRAM USE_POLAR_EXPRESS "
    "VALUE_RESIDUAL WARMDOWN_FRAC WARMDOWN_STEPS WD_TAPER_FINAL_MULT WD_TAPER_START_FRAC WEIGHT_DECAY";
constexpr std::string_view kPacking =
    "ATTN_CLIP_SIGMAS AWQ_LITE_BITS AWQ_LITE_ENABLED AWQ_LITE_GROUP_SIZE AWQ_LITE_GROUP_TOP_K "
    "COMPRESSOR EMBED_BITS EMBED_CLIP_SIGMAS FP16_EMBED FP16_EMBED_EXPORT FP16_KEEP_NAME_PATTERNS "
    "FP16_PASSTHROUGH_PATTERNS GATED_ATTN_QUANT_GATE GPTQ_AR_SELFGEN GPTQ_BLOCK_SIZE "
    "GPTQ_CALIBRATION_BATCHES GPTQ_CALIB_BATCHES GPTQ_CALIB_SAMPLES GPTQ_DAMP GPTQ_ENABLED "
    "GPTQ_RESERVE_MS GPTQ_TEMPERATURE HESSIAN_CLIP_LAMBDA INT4_LAYERS INT4_STEP "
    "INT5_LAYERS INT6_LAYER_END INT6_LAYER_START INT6_QUANT INT8_FULL_RANGE_PATTERNS "
    "INT8_KEEP_FLOAT_FP32_NAME_PATTERNS LQER_ASYM_ENABLED LQER_ASYM_GROUP LQER_ENABLED LQER_FACTOR_BITS "
    "LQER_GAIN_SELECT LQER_RANK LQER_SCOPE LQER_TOP_K MATRIX_BITS MATRIX_CLIP_SIGMAS MIXED_QUANT "
    "MLP_CLIP_SIGMAS N_INT6_LAYERS POST_GPTQ_EVAL_ONLY PREQUANT_ONLY PRUNE_FRACTION PRUNE_RATIO "
    "QAT_INT6 QUANT_CLIP_RANGE TARGET_MB USE_GPTQ USE_INT6 USE_ZSTD ZSTD_LEVEL";
constexpr std::string_view kEvaluation =
    "ETLB_CLIP ETLB_ENABLED ETLB_LR ETLB_STEPS EVAL_INCLUDE_TAIL EVAL_NTK_ALPHA GLOBAL_TTT_BATCH_SEQS "
    "GLOBAL_TTT_CHUNK_TOKENS GLOBAL_TTT_DOC_LIMIT GLOBAL_TTT_EPOCHS GLOBAL_TTT_GRAD_CLIP GLOBAL_TTT_LR "
    "GLOBAL_TTT_MOMENTUM GLOBAL_TTT_RESPECT_DOC_BOUNDARIES GLOBAL_TTT_WARMUP_CHUNKS "
    "GLOBAL_TTT_WARMUP_START_LR LORA_LR LORA_RANK NGRAM_AGREE_BONUS NGRAM_BASE_BETA "
    "NGRAM_OPEN_TABLE_BITS NGRAM_ORDER_STRIDE NGRAM_TILT_ENABLED NGRAM_WITHIN_BETA "
    "NGRAM_WITHIN_THRESHOLD NGRAM_WORD_BETA NGRAM_WORD_THRESHOLD PHASED_TTT_ENABLED "
    "PHASED_TTT_NUM_PHASES PHASED_TTT_PREFIX_DOCS SKIP_POST_TRAIN_EVAL SLOT_ENABLED SLOT_LR SLOT_STEPS "
    "TOKEN_BOOST TOKEN_ORDER TOKEN_THRESHOLD TTT_BATCH_SEQS TTT_BATCH_SIZE TTT_BETA1 TTT_BETA2 "
    "TTT_CHUNK_SIZE TTT_CHUNK_TOKENS TTT_DEBUG_BYPASS TTT_DOC_LIMIT TTT_ENABLED TTT_EPOCHS "
    "TTT_EVAL_BATCHES TTT_EVAL_ONLY TTT_EVAL_SEQ_LEN TTT_FREEZE_BLOCKS TTT_GRAD_CLIP TTT_GRAD_STEPS "
    "TTT_GRAD_STEPS_CLEAN TTT_K_LORA TTT_LOCAL_LR_MULT TTT_LORA_ALPHA TTT_LORA_EMA_DECAY "
    "TTT_LORA_EMA_ENABLED TTT_LORA_LR TTT_LORA_RANK TTT_LR TTT_MASK TTT_MLP_LORA TTT_MOMENTUM TTT_ONLY "
    "TTT_ONLY_EVAL TTT_OPTIMIZER TTT_O_LORA TTT_Q_LORA TTT_SHORT_CHUNK_SIZE TTT_SHORT_DOC_LEN "
    "TTT_SHORT_SCORE_FIRST_ENABLED TTT_SHORT_SCORE_FIRST_STEPS TTT_TRAIN_CHUNK_SIZE TTT_UPDATE_EVERY "
    "TTT_V_LORA TTT_WARM_START_A TTT_WEIGHT_DECAY VAL_DOC_FRACTION";

struct Group {
  std::string_view names;  // separated by spaces
  const char* reason;
};
const Group kGroups[] = {
    {kTraining, "golf-train does not train this part of the submission"},
    {kPacking, "export.recipe says how weights are packed"},
    {kEvaluation, "golf-train does not adapt the model during evaluation"},
};

/// The value with which a setting does what golf-train does anyway. Settings without one must be unset.
struct Off {
  const char* name;
  double value;
};
constexpr Off kOff[] = {
    {"LORA_RANK", 0},  {"GATED_ATTENTION", 0},   {"VALUE_RESIDUAL", 0},
    {"TRIGRAM", 0},    {"PRUNE_FRACTION", 0},    {"INT6_QUANT", 1},
    {"FP16_EMBED", 1}, {"FP16_EMBED_EXPORT", 1}, {"LATE_K_LAYERS", 0},
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

struct Refused {
  std::string name, text;
  const char* reason;
};

std::vector<Refused> refused_variables(const VariableLookup& variable) {
  std::vector<Refused> refused;
  for (const Group& group : kGroups) {
    for (const auto word : std::views::split(group.names, ' ')) {
      const std::string name(word.begin(), word.end());
      const std::optional<std::string> text = variable(name.c_str());
      if (!text || text->empty()) continue;
      const std::optional<double> off = off_value(name);
      if (!off || !is_number(*text, *off)) refused.push_back({name, *text, group.reason});
    }
  }
  return refused;
}

}  // namespace

void refuse_unread_variables(const VariableLookup& variable) {
  const std::vector<Refused> refused = refused_variables(variable);
  if (refused.empty()) return;
  const Refused& first = refused.front();
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

}  // namespace golf
