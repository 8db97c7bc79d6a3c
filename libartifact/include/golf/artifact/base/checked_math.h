#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace golf {

/// a + b, or nothing on overflow. All arithmetic on numbers from a file goes through these two.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_add(T a, T b) {
  T sum{};
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

/// a · b, or nothing on overflow.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T product{};
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

/// The same two, throwing Error kCorruptData "what: number too large" on overflow.
uint64_t add_or_fail(uint64_t a, uint64_t b, std::string_view what);
uint64_t mul_or_fail(uint64_t a, uint64_t b, std::string_view what);

}  // namespace golf
