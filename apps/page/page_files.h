#pragma once

#include <span>
#include <string_view>

namespace golf {

/// A file of apps/page.
struct PagePiece {
  std::string_view name;
  std::string_view text;
};
/// The frame, the style and the scripts, these in the order in which they run.
std::span<const PagePiece> page_pieces();

}  // namespace golf
