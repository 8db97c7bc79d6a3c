#pragma once

#include <cstdint>
#include <optional>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/quantize/stored_model.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/eval/runtime.h"

namespace golf {

enum class TuneObjective {
  kLoss,     ///< the loss on the text
  kDistill,  ///< KL divergence from the predictions of the model before it was quantized
};

struct TuneSettings {
  TuneObjective objective = TuneObjective::kDistill;
  int64_t seq_len = 1024;
  int64_t steps = 0;            ///< 0: as many as fit in `seconds`, measurements included; at least 1
  double seconds = 120;         ///< only without `steps`
  int64_t batch_tokens = 4096;  ///< in whole windows, at least one
  double lr = 0.002;            ///< of the first step, relative to the size of a float; falls to 0
};

struct TuneReport {
  int64_t steps = 0;
  int64_t tensors = 0, floats = 0;  ///< that were tuned
  int64_t train_tokens = 0;         ///< of the text, those before the held-out part
  int64_t held_out_tokens = 0;
  /// On the held-out part, nats a token: of the model as it was given and as it is stored now, and of the
  /// model before it was quantized.
  double loss_before = 0, loss_after = 0, loss_unquantized = 0;

  bool improved() const { return loss_after < loss_before; }
};

/// Tunes by gradient descent (Adam) what a quantized model stores as floats: step sizes and scales of
/// integers, and tensors of at most 65,536 floats such as norms, gains and gates. The integers stay as they
/// are. The last quarter of the text, at most 32,768 tokens, is held out. `model` has the tuned floats
/// afterwards, rounded to the dtypes that store them, whether they are better or not.
///
/// With a given number of steps the result is the same to the bit whatever the thread count. A number that
/// was found from `seconds` gives the same result when it is given.
/// Memory: 8 bytes a weight for the tuned model, 4 for the unquantized one, 4 and the activations of a window
/// for each thread.
/// @param unquantized  the weights before quantization, in the model's names
/// @throws Error kInvalidArgument when the model stores no such floats, or the text is shorter than two
/// windows; kMismatch for a token that is not below the vocabulary; kRunFailed when the loss or gradient is
/// not finite
TuneReport tune(StoredModel& model, const ModelConfig& config, const TensorSet& unquantized,
                const TextView& text, const TuneSettings& settings, const Runtime& runtime,
                const ProgressSink& progress = {});

}  // namespace golf
