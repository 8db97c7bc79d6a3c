#pragma once

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace golf {

/// A regular expression (RE2's syntax) to find in tensor names. Time is linear in the name's length.
class NamePattern {
 public:
  /// @throws Error kInvalidArgument when it is malformed or needs more memory than RE2 allows
  explicit NamePattern(const std::string& expression);
  /// Whether it is found anywhere in the name; the empty expression is found in every name.
  bool found_in(const std::string& name) const;

 private:
  std::shared_ptr<const re2::RE2> compiled_;  ///< null: matches all
};

}  // namespace golf
