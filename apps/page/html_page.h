#pragma once

#include <string>
#include <string_view>

#include "golf/artifact/base/json.h"

namespace golf {

/// A page that shows `document` (golf.page/1: what the tools print as JSON, under "files", "diff", "runs",
/// "submissions", "results"). It holds its style and its scripts, and its policy lets it load nothing and run
/// no other script. Nothing in `document` can become markup: it is one block of JSON, of which the scripts
/// make text.
/// @param title  one line
/// @param text   for readers without JavaScript
std::string html_page(std::string_view title, std::string_view text, Json document);

/// `text` with the characters that mean something in HTML escaped, and control characters but ends of lines.
std::string html_escape(std::string_view text);
/// JSON that may stand in a script element: without <, > and &.
std::string island_json(const Json& document);

}  // namespace golf
