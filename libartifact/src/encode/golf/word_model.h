#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <span>
#include <vector>

#include "encode/golf/number_coder.h"

namespace golf {

/// Elements of two, four or eight bytes, mostly floats: sign, exponent and first mantissa bits have few
/// favourites, later bits none, unless all are alike (float16 numbers kept as float32 end in zeros).
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
  /// Three bits in context, five by their place alone.
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

/// Float16 scales of a plane's rows. Rows of weights tend to have one spread, so that a row whose integers
/// spread wide was divided by a small scale: to the scale's bits, which are nearly a logarithm in 1/1024,
/// that of the row's norm is added, and what is coded is the distance from the average of these sums: in
/// eighths to quarters of the usual distance, of which all planes have about the same distribution, and
/// within those without a model.
class RowScaleModel {
 public:
  void begin_member() { count_ = 0; }

  /// `norm_log`: of the row, see row_norm_logs().
  template <class Coder>
  uint16_t code(Coder& coder, uint16_t scale, int norm_log) {
    const auto expected = static_cast<uint16_t>(average_ - norm_log);
    const int distance = code_distance(coder, static_cast<int16_t>(scale - expected));
    // The first of a member moves the average all the way, the n-th an n-th of it.
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
  int usual_ = 128;  ///< the average of distances
  int count_ = 0;
};

}  // namespace golf
