#pragma once

#include <set>
#include <string>
#include <string_view>

namespace golf {

/// python_decoder.py and container/python_load.py: the decoder for submissions with all its parts, readable.
extern const std::string_view kPythonTemplate;

/// Makes Python source small without changing what it does: no comments, no parts between "#if PART" and
/// "#end" whose PART is not in `parts`, no needless spaces and line ends, short names for identifiers that
/// end in "_". Comments stand on lines of their own, statements take one line each, and indentation is four
/// spaces.
std::string shrink_python(std::string_view source, const std::set<std::string_view>& parts);

/// Two lines of ASCII that do what `source` does: it is carried along through zlib, in base 85.
std::string pack_python(std::string_view source);

}  // namespace golf
