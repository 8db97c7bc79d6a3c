#pragma once

#include <array>
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

}  // namespace golf
