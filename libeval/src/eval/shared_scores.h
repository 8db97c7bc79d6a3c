#pragma once

#include <string>

#include "golf/score/token_scores.h"

namespace golf {

/// Scores as processes of one program hand them to each other, in the machine's own byte order.
std::string encode(const TokenScores& scores);
/// @throws Error kCorruptData when the text is none that encode() gave
TokenScores decode_scores(const std::string& text);

}  // namespace golf
