#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <span>
#include <vector>

namespace golf {

/// The probability of a bit, learned from the bits it has seen: quickly at first, more slowly later.
class AdaptiveBit {
 public:
  template <class Coder>
  int code(Coder& coder, int bit) {
    bit = coder.code(bit, std::clamp<uint32_t>(p1_, 32, 65'504));
    // 65536 / (seen + 1.5), rounded down, so that the first bit already counts.
    const int32_t rate = static_cast<int32_t>(131'072 / (2 * seen_ + 3));
    p1_ = static_cast<uint16_t>(p1_ + (((bit != 0 ? 65'535 : 0) - int32_t{p1_}) * int64_t{rate} >> 16));
    if (seen_ < kSlowest) ++seen_;
    return bit;
  }

 private:
  static constexpr uint32_t kSlowest = 60;
  uint16_t p1_ = 32'768;
  uint16_t seen_ = 0;
};

/// Eight bits, most significant first, each with the bits before it as context.
class ByteModel {
 public:
  template <class Coder>
  uint32_t code(Coder& coder, uint32_t byte) {
    uint32_t node = 1;
    for (int i = 7; i >= 0; --i) {
      node = 2 * node + static_cast<uint32_t>(nodes_[node].code(coder, static_cast<int>(byte >> i & 1U)));
    }
    return node & 0xffU;
  }

 private:
  std::array<AdaptiveBit, 256> nodes_;
};

/// Whole numbers that wander around a slowly moving average, such as the scales of successive rows.
class DriftModel {
 public:
  /// `value` lies in [lowest, highest], as does what is decoded.
  template <class Coder>
  int code(Coder& coder, int value, int lowest, int highest) {
    const int expected = std::clamp((average_q4_ + 8) >> 4, lowest, highest);
    const int difference = value - expected;
    const bool can_fall = expected > lowest;
    const bool can_rise = expected < highest;
    int result = expected;
    if ((can_fall || can_rise) && is_other_[context_].code(coder, difference != 0 ? 1 : 0) != 0) {
      bool rises = difference > 0;
      if (!can_fall) rises = true;
      if (!can_rise) rises = false;
      if (can_fall && can_rise) rises = is_greater_[context_].code(coder, rises ? 1 : 0) != 0;
      const int room = rises ? highest - expected : expected - lowest;
      int steps = 1;
      while (steps < room && goes_on_[std::min<size_t>(static_cast<size_t>(steps), goes_on_.size()) - 1].code(
                                 coder, std::abs(difference) > steps ? 1 : 0) != 0) {
        ++steps;
      }
      result += rises ? steps : -steps;
    }
    context_ = static_cast<size_t>(std::min(std::abs(result - expected), 2));
    average_q4_ += (16 * result - average_q4_) >> (is_first_ ? 0 : 2);
    is_first_ = false;
    return result;
  }

 private:
  std::array<AdaptiveBit, 3> is_other_;
  std::array<AdaptiveBit, 3> is_greater_;
  std::array<AdaptiveBit, 24> goes_on_;
  size_t context_ = 0;
  int average_q4_ = 0;
  bool is_first_ = true;
};

/// Bits without a model, most significant first.
template <class Coder>
uint32_t code_raw(Coder& coder, uint32_t value, int bits) {
  uint32_t result = 0;
  for (int i = bits - 1; i >= 0; --i) {
    result = 2 * result + static_cast<uint32_t>(coder.code(static_cast<int>(value >> i & 1U), 32'768));
  }
  return result;
}

/// Words of two, four or eight bytes, mostly floats. A few values of sign, exponent and first mantissa bits
/// are frequent. Later bits are nearly random, unless all are equal (float16 numbers kept as float32 end in
/// zeros).
class WordModel {
 public:
  explicit WordModel(size_t element_bytes) : lower_(element_bytes - 1) {}

  template <class Coder>
  void code(Coder& coder, std::span<std::byte> element) {
    const size_t last = element.size() - 1;
    auto byte = std::to_integer<uint32_t>(element[last]);
    byte = top_.code(coder, byte);
    element[last] = static_cast<std::byte>(byte);
    for (size_t k = last; k-- > 0;) {
      const uint32_t context = k + 1 == last ? byte & 3U : 0;
      element[k] =
          static_cast<std::byte>(lower_[k].code(coder, context, std::to_integer<uint32_t>(element[k])));
    }
  }

 private:
  /// Three bits have a context; the other five have one model each.
  struct LowerByte {
    std::array<std::array<AdaptiveBit, 8>, 4> first;
    std::array<AdaptiveBit, 5> rest;

    template <class Coder>
    uint32_t code(Coder& coder, uint32_t context, uint32_t byte) {
      uint32_t node = 1;
      for (int i = 7; i >= 0; --i) {
        AdaptiveBit& bit = i >= 5 ? first[context][node] : rest[static_cast<size_t>(i)];
        node = 2 * node + static_cast<uint32_t>(bit.code(coder, static_cast<int>(byte >> i & 1U)));
      }
      return node & 0xffU;
    }
  };

  ByteModel top_;
  std::vector<LowerByte> lower_;
};

/// Float16 scales of the rows of an int8 tensor. Rows of weights tend to have one spread, so a row whose
/// integers have a large norm was divided by a small scale. The bits of a scale are nearly its logarithm in
/// 1/1024; the logarithm of the row's norm is added to them. The model codes the distance of this sum from
/// the average sum. The distance divided by a quarter to an eighth of the usual distance has nearly the same
/// distribution in all tensors and is modeled; the bits below that are coded without a model.
class RowScaleModel {
 public:
  void begin_tensor() { count_ = 0; }

  /// `norm_log`: see row_norm_logs().
  template <class Coder>
  uint16_t code(Coder& coder, uint16_t scale, int norm_log) {
    const auto expected = static_cast<uint16_t>(average_ - norm_log);
    const int distance = code_distance(coder, static_cast<int16_t>(scale - expected));
    // The first scale of a tensor moves the average all the way, the n-th an n-th of the way.
    if (count_ < 32) ++count_;
    average_ += distance / count_;
    if (count_ > 1) usual_ += (std::abs(distance) - usual_) / count_;
    return static_cast<uint16_t>(expected + distance);
  }

 private:
  static constexpr int kCenter = 128;
  static constexpr uint32_t kElsewhere = 255;

  template <class Coder>
  int code_distance(Coder& coder, int distance) {
    const int fine_bits = std::max(0, static_cast<int>(std::bit_width(static_cast<uint32_t>(usual_))) - 3);
    const int coarse = (distance >> fine_bits) + kCenter;
    const bool near = coarse >= 0 && coarse < static_cast<int>(kElsewhere);
    const uint32_t found = coarse_.code(coder, near ? static_cast<uint32_t>(coarse) : kElsewhere);
    if (found == kElsewhere) {
      return static_cast<int16_t>(code_raw(coder, static_cast<uint32_t>(distance) & 0xffff, 16));
    }
    const auto fine = static_cast<uint32_t>(distance) & ((1U << fine_bits) - 1);
    return (static_cast<int>(found) - kCenter) * (1 << fine_bits) +
           static_cast<int>(code_raw(coder, fine, fine_bits));
  }

  ByteModel coarse_;
  int average_ = 8'192;
  int usual_ = 128;  ///< the average absolute distance
  int count_ = 0;
};

/// Tensors of words. The models last as long as the stream.
class WordCoder {
 public:
  /// Writes `bytes`, or fills them. `norm_logs`: if the words are the scales of an int8 tensor's rows, these
  /// rows' norms (row_norm_logs); otherwise empty.
  template <class Coder>
  void code(Coder& coder, size_t element_bytes, std::span<const int> norm_logs, std::span<std::byte> bytes) {
    if (norm_logs.empty()) {
      WordModel& model = models_.try_emplace(element_bytes, element_bytes).first->second;
      for (size_t at = 0; at < bytes.size(); at += element_bytes) {
        model.code(coder, bytes.subspan(at, element_bytes));
      }
      return;
    }
    scales_.begin_tensor();
    for (size_t i = 0; i < norm_logs.size(); ++i) {
      uint16_t word;
      std::memcpy(&word, &bytes[2 * i], sizeof(word));
      word = scales_.code(coder, word, norm_logs[i]);
      std::memcpy(&bytes[2 * i], &word, sizeof(word));
    }
  }

 private:
  std::map<size_t, WordModel> models_;  ///< by width
  RowScaleModel scales_;
};

}  // namespace golf
