#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// The text that golf-eval scores, as its options take it.
struct EvalText {
  std::string data = {};
  std::string tokenizer = {};
  std::optional<int64_t> max_tokens = {};
};

struct Evaluation {
  double bpb = 0.0;
  int64_t tokens = 0;  ///< scored
};

/// Measures a model with golf-eval in its default mode: golf-pack itself has no LibTorch. The program is the
/// one beside golf-pack's own executable, else that on PATH; the model goes in through its standard input.
/// @param model  an artifact, or a checkpoint that carries its configuration
/// @param threads  0: one per processor
/// @throws Error kUnsupported: no golf-eval; with golf-eval's own words kCorruptData: it refused an input,
/// kRunFailed: anything else
Evaluation evaluate_externally(ByteView model, const EvalText& text, int threads);

}  // namespace golf
