// Marks of evaluation that was ruled out. A mark is a word in the code: that it is switched on, it does not
// say.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <span>

#include "golf/artifact/base/text.h"
#include "submission/check_tools.h"

namespace golf {
namespace {

/// The first line of each script with the mark, and what stands around it there.
void find_mark(const CheckContext& context, CheckReport& report, const char* expression) {
  constexpr size_t kBefore = 40, kShown = 120;
  RE2::Options options(RE2::Quiet);
  options.set_encoding(RE2::Options::EncodingLatin1);
  const RE2 mark(expression, options);
  for (const SubmissionScript* script : context.submission.reached) {
    size_t count = 0;
    int64_t first = 0;
    std::string shown;
    for (size_t i = 0; i < script->lines.size(); ++i) {
      const std::string& line = script->lines[i];
      re2::StringPiece match;
      if (!mark.Match(line, 0, line.size(), RE2::UNANCHORED, &match, 1)) continue;
      if (count++ > 0) continue;
      first = static_cast<int64_t>(i) + 1;
      const auto at = static_cast<size_t>(match.data() - line.data());
      const size_t start = std::max(line.find_first_not_of(" \t"), at - std::min(at, kBefore));
      shown = printable(std::string_view(line).substr(start, kShown), kShown);
    }
    if (count == 0) continue;
    report.add(
        fmt::format("{}{}{}", shown, and_more(count - 1), script->wrapper ? ", in the unpacked source" : ""),
        script->file, first);
  }
}

/// One row a mark; the expression is a template argument because a row holds a plain function.
template <const char* kExpression>
void marked(const CheckContext& context, CheckReport& report) {
  find_mark(context, report, kExpression);
}

constexpr char kTargetInKey[] =
    R"re(\^\s*\(?\s*\(?(tgt|target|targets)(_\w+)?(\[[^\]]*\])?(\.astype\([^)]*\)|\.to\([^)]*\)|\.long\(\))?\s*\*)re";
constexpr char kPreQuantAdaptation[] = R"re((?i)\b_?(pre_?quant_?ttt|ttt_?pre_?quant))re";
constexpr char kSlot[] =
    R"re(\b(SLOT|slot)_(steps|lr|enabled|delta|wd|iters|batch|STEPS|LR|ENABLED|DELTA|WD|ITERS|BATCH)|\beval_\w*slot\w*\()re";
constexpr char kCalibratedOnValidation[] =
    R"re((?i)(hessian|calib|gptq)\w*\([^)]*\bval_(tokens|data|loader)|calib\w*\s*=\s*[\w.]*val_tokens)re";
constexpr char kTwoPasses[] = R"re((?i)\b\w*(two_pass|second_pass|rescore)\w*\s*(\(|=))re";
constexpr char kPpm[] = R"re((?i)\bppm_?(mix|order|lambda|enabled|alpha|weight)\w*|class \w*PPM)re";
constexpr char kTrainOnValidation[] = R"re((?i)\b(train_on_val|val_as_train|overfit_val)\w*)re";
constexpr char kPaidPrefix[] = R"re((?i)\b(paid_prefix|prefix_blob|val_prefix)\w*)re";

const std::array kChecks = {
    CheckRow{"PG601", "target-in-hash-key", Severity::kWarning,
             "The key of a hash table is made with the token that is to be predicted: such a cache's "
             "probabilities do "
             "not sum to one.",
             "Score with a full distribution; see the challenge's issue 1017 and PR 886.",
             marked<kTargetInKey>},
    CheckRow{"PG602", "adapts-before-packing", Severity::kWarning,
             "The code speaks of adapting to the validation text before the model is packed.",
             "Show that no token is learned from before it is scored.", marked<kPreQuantAdaptation>},
    CheckRow{"PG603", "slot", Severity::kWarning,
             "The code speaks of SLOT: parameters optimized on the tokens that they then score.",
             "Show that no token is learned from before it is scored.", marked<kSlot>},
    CheckRow{"PG604", "calibrated-on-validation", Severity::kWarning,
             "Quantization seems to be calibrated on the validation text.", "Calibrate on training text.",
             marked<kCalibratedOnValidation>},
    CheckRow{"PG605", "two-passes", Severity::kWarning,
             "The code speaks of scoring a second time what has been scored.",
             "Score each token once, before anything has learned from it.", marked<kTwoPasses>},
    CheckRow{"PG606", "ppm-mixture", Severity::kWarning, "The code speaks of mixing with a PPM model.",
             "Show that the mixture is a distribution over all tokens.", marked<kPpm>},
    CheckRow{"PG607", "trains-on-validation", Severity::kWarning,
             "The code speaks of training on the validation text.", "Train on the training shards alone.",
             marked<kTrainOnValidation>},
    CheckRow{"PG608", "paid-prefix", Severity::kWarning,
             "The code speaks of a stored prefix of the validation text.",
             "Say so in README.md; golf-pack prefix has the arithmetic.", marked<kPaidPrefix>},
};

}  // namespace

std::span<const CheckRow> evaluation_checks() { return kChecks; }

}  // namespace golf
