#pragma once

#include <ATen/ATen.h>

#include <mutex>
#include <random>
#include <vector>

#include "golf/model/decoder.h"

namespace golf::test {

/// A small decoder whose every parameter is random, so that each of them shows in the scores.
inline Decoder random_decoder(int64_t vocab_size = 32, const FeatureSet& features = {}) {
  Decoder model(ModelConfig{.vocab_size = vocab_size,
                            .num_layers = 2,
                            .model_dim = 16,
                            .num_heads = 2,
                            .num_kv_heads = 1,
                            .mlp_hidden = 16,
                            .features = features});
  const at::NoGradGuard no_grad;
  static std::mutex generator;  // LibTorch has one for all threads
  const std::lock_guard lock(generator);
  at::manual_seed(7);
  for (at::Tensor& parameter : model->parameters()) parameter.normal_(0.0, 0.5);
  return model;
}

inline std::vector<uint16_t> random_stream(size_t tokens, int64_t vocab_size = 32) {
  std::mt19937 random(11);
  std::vector<uint16_t> stream(tokens);
  for (uint16_t& token : stream) token = static_cast<uint16_t>(random() % static_cast<uint64_t>(vocab_size));
  return stream;
}

}  // namespace golf::test
