#include "golf/artifact/base/name_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {

NamePattern::NamePattern(const std::string& expression) {
  if (expression.empty()) return;
  RE2::Options options(RE2::Quiet);
  options.set_encoding(RE2::Options::EncodingLatin1);  // names are bytes
  auto compiled = std::make_shared<const RE2>(expression, options);
  if (!compiled->ok()) {
    fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a regular expression (RE2): {}",
                                                  printable(expression), printable(compiled->error())));
  }
  compiled_ = std::move(compiled);
}

bool NamePattern::found_in(const std::string& name) const {
  return !compiled_ || RE2::PartialMatch(name, *compiled_);
}

}  // namespace golf
