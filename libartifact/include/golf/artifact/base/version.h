#pragma once

#include <string_view>

namespace golf {

/// "0.1.0".
std::string_view project_version();
/// The git commit that the build was configured from, such as "75cba45" or "75cba45-dirty"; "unknown" outside
/// git.
std::string_view git_commit();

}  // namespace golf
