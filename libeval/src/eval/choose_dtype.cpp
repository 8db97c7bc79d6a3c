#include "golf/eval/choose_dtype.h"

#include <algorithm>
#include <cmath>

#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "golf/model/cpu_path.h"

namespace golf {
namespace {

constexpr int64_t kLongestSequence = 512;
/// A small model's passes are repeated for so long, and the fastest counts.
constexpr double kTrialSeconds = 0.1;

/// @param bpb  what the text scores
DtypeChoice::Trial try_dtype(const ModelConfig& config, const TensorSet& weights, const std::string& dtype,
                             const TextView& text, const EvalSettings& settings, double& bpb) {
  Decoder model = make_decoder(config, weights, choose_runtime("cpu", dtype));
  DtypeChoice::Trial trial{.dtype = dtype};
  bpb = evaluate(model, text, settings).val_bpb;  // prepares weights and compiles products too
  double seconds = 0;
  do {
    const EvalResult result = evaluate(model, text, settings);
    seconds += result.seconds;
    trial.tokens_per_second = std::max(trial.tokens_per_second, result.tokens_per_second);
  } while (seconds < kTrialSeconds);
  return trial;
}

}  // namespace

DtypeChoice choose_dtype(const ModelConfig& config, const TensorSet& weights, const TextView& text,
                         int64_t seq_len, double tolerance, const EvalProcesses& processes) {
  const int64_t length = std::min({seq_len, text.size() - 1, kLongestSequence});
  const int64_t sequences =
      std::min(compute_threads() * (kLongestSequence / length), (text.size() - 1) / length);
  const EvalSettings settings{.seq_len = length, .batch_seqs = sequences};
  const TextView sample = text.first(sequences * length + 1);

  DtypeChoice choice{.tokens = sequences * length, .tolerance = tolerance};
  std::vector<std::string> dtypes = {"fp32", "int8"};
  if (has_bf16_products()) dtypes.insert(dtypes.begin() + 1, "bf16");
  double fp32_bpb = 0;
  for (const std::string& dtype : dtypes) {
    double bpb = 0;
    DtypeChoice::Trial trial = try_dtype(config, weights, dtype, sample, settings, bpb);
    if (choice.trials.empty()) fp32_bpb = bpb;
    trial.bpb_difference = bpb - fp32_bpb;
    trial.allowed = dtype == "fp32" || std::abs(trial.bpb_difference) <= tolerance;  // of NaN: no
    choice.trials.push_back(std::move(trial));
  }
  const DtypeChoice::Trial* best = &choice.trials.front();
  for (const DtypeChoice::Trial& trial : choice.trials) {
    if (trial.allowed && trial.tokens_per_second > best->tokens_per_second) best = &trial;
  }
  choice.chosen = processes.alone() ? best->dtype : processes.gather(best->dtype).front();
  return choice;
}

}  // namespace golf
