#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace golf {

/// A variable of the process's environment; nothing when it is empty.
inline std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == 0) return std::nullopt;
  return value;
}

}  // namespace golf
