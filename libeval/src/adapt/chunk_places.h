#pragma once

#include <cstdint>
#include <string>

#include "golf/artifact/text/tokenized_text.h"

namespace golf {

/// "targets 1024 to 2047, document 3" or "…, documents 3 to 5": where a loss went wrong. Documents are
/// counted from 1 in the order of the stream; a text without document starts has none.
std::string target_place(const TextView& text, int64_t first_target, int64_t count);

}  // namespace golf
