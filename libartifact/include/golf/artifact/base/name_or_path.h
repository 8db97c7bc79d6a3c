#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace golf {

/// Whether a text that may be a built-in name or a path reads as a path: "-", one with a slash, one that ends
/// in ".json", or a file that exists.
bool is_path(const std::string& text);

/// The one rule for arguments that take a built-in name or a JSON file: a built-in name comes first, then
/// is_path().
/// @param kind  what is named: "recipe"
/// @return the name's place among `names`; nothing: the text is a path
/// @throws Error kInvalidArgument for what is neither, with the names and a suggestion
std::optional<size_t> resolve_name_or_path(const std::string& text, std::span<const std::string> names,
                                           std::string_view kind);

}  // namespace golf
