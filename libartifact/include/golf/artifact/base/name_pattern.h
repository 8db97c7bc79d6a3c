#pragma once

#include <memory>
#include <string>

namespace golf {

/// A regular expression (ECMAScript) to find in tensor names. The one place that compiles <regex>.
class NamePattern {
 public:
  /// @throws Error kInvalidArgument when it is malformed or of more than 4,096 bytes
  explicit NamePattern(const std::string& expression);
  /// Whether it is found anywhere in the name; the empty expression is found in every name.
  /// @throws Error kUnsupported for a name of more than 4,096 bytes
  bool found_in(const std::string& name) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;  ///< null: matches all
};

}  // namespace golf
