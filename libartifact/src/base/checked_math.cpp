#include "golf/artifact/base/checked_math.h"

#include <string>

#include "golf/artifact/base/error.h"

namespace golf {

uint64_t add_or_fail(uint64_t a, uint64_t b, std::string_view what) {
  if (const auto sum = checked_add(a, b)) return *sum;
  fail(ErrorCode::kCorruptData, std::string(what) + ": number too large");
}

uint64_t mul_or_fail(uint64_t a, uint64_t b, std::string_view what) {
  if (const auto product = checked_mul(a, b)) return *product;
  fail(ErrorCode::kCorruptData, std::string(what) + ": number too large");
}

}  // namespace golf
