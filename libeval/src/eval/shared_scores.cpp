#include "eval/shared_scores.h"

#include <cstring>
#include <vector>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

class Writer {
 public:
  template <class T>
  void array(const std::vector<T>& values) {
    number(static_cast<int64_t>(values.size()));
    text_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void number(int64_t value) { text_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}
  template <class T>
  std::vector<T> array() {
    const int64_t count = number();
    require(count >= 0 && static_cast<uint64_t>(count) <= (text_.size() - at_) / sizeof(T));
    std::vector<T> values(static_cast<size_t>(count));
    std::memcpy(values.data(), text_.data() + at_, values.size() * sizeof(T));
    at_ += values.size() * sizeof(T);
    return values;
  }
  int64_t number() {
    int64_t value = 0;
    require(text_.size() - at_ >= sizeof(value));
    std::memcpy(&value, text_.data() + at_, sizeof(value));
    at_ += sizeof(value);
    return value;
  }

 private:
  static void require(bool holds) {
    if (!holds) fail(ErrorCode::kCorruptData, "another process sent scores that end too early");
  }
  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

std::string encode(const TokenScores& scores) {
  Writer writer;
  writer.array(scores.segments);
  writer.array(scores.nll_nats);
  writer.array(scores.entropy_nats);
  writer.array(scores.named_log_p);
  writer.number(static_cast<int64_t>(scores.samples.size()));
  for (const SampledDistribution& sample : scores.samples) {
    writer.number(sample.score);
    writer.array(sample.probabilities);
  }
  return writer.take();
}

TokenScores decode_scores(const std::string& text) {
  Reader reader(text);
  TokenScores scores;
  scores.segments = reader.array<ScoreSegment>();
  scores.nll_nats = reader.array<float>();
  scores.entropy_nats = reader.array<float>();
  scores.named_log_p = reader.array<float>();
  for (int64_t left = reader.number(); left > 0; --left) {
    SampledDistribution sample{.score = reader.number()};
    sample.probabilities = reader.array<double>();
    scores.samples.push_back(std::move(sample));
  }
  return scores;
}

}  // namespace golf
