#pragma once

#include <cstdint>

namespace golf::kernels {

/// Rows of scores whose logits are cap · tanh(score / cap), each with a target class.
struct SoftcapRows {
  int64_t rows, classes;
  double cap;
  const float* scores;     ///< [rows, classes]
  const int64_t* targets;  ///< [rows], each in [0, classes)
};

/// nll[r] = −ln softmax(logits of row r)[target]; entropy [rows] may be null. In nats.
void softcap_nll(const SoftcapRows& in, float* nll, float* entropy, int threads);
/// Also the gradient of scale · Σ nll with respect to the scores, [rows, classes].
void softcap_nll_with_gradient(const SoftcapRows& in, float scale, float* nll, float* scores_grad,
                               int threads);

}  // namespace golf::kernels
