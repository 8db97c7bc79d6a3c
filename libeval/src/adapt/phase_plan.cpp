#include "adapt/phase_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace golf {

PhaseText phase_text(std::span<const uint16_t> stream, std::span<const Document> documents,
                     std::span<const DocumentGroup> finished, int64_t count) {
  std::vector<const DocumentGroup*> groups;
  for (const DocumentGroup& group : finished) groups.push_back(&group);
  std::sort(groups.begin(), groups.end(),
            [](const DocumentGroup* a, const DocumentGroup* b) { return a->sorted_index < b->sorted_index; });
  PhaseText text;
  for (const DocumentGroup* group : groups) {
    for (const int64_t index : group->documents) {
      if (count-- <= 0) return text;
      const Document& document = documents[static_cast<size_t>(index)];
      for (int64_t i = 0; i < document.length; ++i) {
        text.tokens.push_back(stream[static_cast<size_t>(document.first + i)]);
        text.target_of.push_back(i == 0 ? -1 : document.first + i - 1);
      }
    }
  }
  return text;
}

std::vector<PhaseStep> phase_steps(int64_t targets, int64_t seq_len, const PhaseAdaptConfig& config) {
  std::vector<PhaseStep> steps;
  const int64_t chunks = (targets + config.chunk_tokens - 1) / config.chunk_tokens;
  const int64_t rows = config.chunk_tokens / seq_len;
  for (int64_t chunk = 0; chunk + 1 < chunks; ++chunk) {
    const double done = static_cast<double>(chunk) / static_cast<double>(chunks - 1);
    const double lr = config.lr * 0.5 * (1.0 + std::cos(std::numbers::pi * done));
    for (int64_t epoch = 0; epoch < config.epochs; ++epoch) {
      for (int64_t row = 0; row < rows; row += config.batch_seqs) {
        const int64_t count = std::min(config.batch_seqs, rows - row);
        steps.push_back({.chunk = chunk,
                         .first = chunk * config.chunk_tokens + row * seq_len,
                         .length = count * seq_len,
                         .lr = lr});
      }
    }
  }
  return steps;
}

std::vector<ScoreSegment> targets_of(const PhaseText& text, std::span<const PhaseStep> steps) {
  std::vector<int64_t> targets;
  for (const PhaseStep& step : steps) {
    for (int64_t i = step.first + 1; i <= step.first + step.length; ++i) {
      if (text.target_of[static_cast<size_t>(i)] >= 0) {
        targets.push_back(text.target_of[static_cast<size_t>(i)]);
      }
    }
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  std::vector<ScoreSegment> segments;
  for (const int64_t target : targets) {
    if (!segments.empty() && segments.back().first_target + segments.back().count == target) {
      ++segments.back().count;
    } else {
      segments.push_back({target, 1});
    }
  }
  return segments;
}

}  // namespace golf
