#pragma once

#include <string>
#include <string_view>

namespace golf {

/// "0.1.0".
std::string_view project_version();
/// The git commit the tools were configured from, such as "75cba45" or "75cba45-dirty"; "unknown" outside
/// git.
std::string_view git_commit();
/// What --version prints: version, commit, codec libraries, LibTorch.
std::string version_text(std::string_view tool, std::string_view libtorch_version);

}  // namespace golf
