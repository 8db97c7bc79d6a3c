#include "golf/artifact/base/name_pattern.h"

#include <fmt/format.h>

#include <regex>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

// std::regex recurses once per character of a name and per parenthesis of an expression: bounds keep a
// hostile file from exhausting the stack.
constexpr size_t kMaxNameBytes = 4096;
constexpr size_t kMaxExpressionBytes = 4096;

}  // namespace

struct NamePattern::Compiled {
  std::regex regex;
};

NamePattern::NamePattern(const std::string& expression) {
  if (expression.empty()) return;
  if (expression.size() > kMaxExpressionBytes) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("a regular expression of {} bytes, at most {} allowed: \"{}\"", expression.size(),
                     kMaxExpressionBytes, printable(expression, 100)));
  }
  try {
    compiled_ = std::make_shared<const Compiled>(Compiled{std::regex(expression, std::regex::ECMAScript)});
  } catch (const std::regex_error& error) {
    fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a regular expression (ECMAScript): {}",
                                                  printable(expression), error.what()));
  }
}

bool NamePattern::found_in(const std::string& name) const {
  if (!compiled_) return true;
  if (name.size() > kMaxNameBytes) {
    fail(ErrorCode::kUnsupported, fmt::format("tensor name of {} bytes, at most {} can be matched: \"{}\"",
                                              name.size(), kMaxNameBytes, printable(name)));
  }
  return std::regex_search(name, compiled_->regex);
}

}  // namespace golf
