#include "golf/artifact/base/name_or_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/base/text.h"

namespace golf {

bool is_path(const std::string& text) {
  std::error_code ignored;
  return text == "-" || text.find('/') != std::string::npos || text.ends_with(".json") ||
         std::filesystem::exists(text, ignored);
}

std::optional<size_t> resolve_name_or_path(const std::string& text, std::span<const std::string> names,
                                           std::string_view kind) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  if (is_path(text)) return std::nullopt;
  const auto suggestion = closest_match(text, names);
  fail(ErrorCode::kInvalidArgument,
       fmt::format("{} \"{}\" is not built in{}", kind, printable(text),
                   suggestion
                       ? fmt::format(": did you mean \"{}\"? or give a JSON file", *suggestion)
                       : fmt::format(" ({}): give one of these or a JSON file", fmt::join(names, ", "))));
}

}  // namespace golf
