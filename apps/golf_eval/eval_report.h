#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/pack/pack.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/score/dtype_choice.h"
#include "golf/score/eval_result.h"
#include "golf_eval/eval_data.h"

namespace golf {

/// Everything golf-eval has to say.
struct EvalReport {
  Fingerprint model = {};
  std::string model_kind;  ///< "golf artifact", "ptz artifact", "checkpoint"
  ModelConfig config = {};
  int64_t parameters = 0;
  const EvalData* data = nullptr;  ///< borrowed
  ByteCountCheck byte_count = {};
  struct PaidPrefix {
    Fingerprint file;
    int64_t tokens = 0;
  };
  std::optional<PaidPrefix> paid_prefix = {};
  std::string device;
  std::string dtype;
  std::optional<DtypeChoice> dtype_choice = {};  ///< of --dtype auto
  std::optional<Int8Matrices> int8 = {};         ///< of MODEL's own weights, with int8 products
  int threads = 0;
  std::vector<EvalResult> results = {};  ///< one a mode, of MODEL's own weights

  struct Roundtrip {
    PackResult packed;
    std::vector<EvalResult> results = {};  ///< in the order of the report's
  };
  std::optional<Roundtrip> roundtrip = {};
  /// Of MODEL, if it is an artifact, or of the round trip's; with the paid prefix's bytes.
  std::optional<BudgetReport> budget = {};
};

/// "schema": "golf.eval/1".
Json to_json(const EvalReport& report);
std::string to_text(const EvalReport& report, const Style& style);

}  // namespace golf
