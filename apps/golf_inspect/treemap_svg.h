#pragma once

#include <string>

#include "golf_inspect/file_report.h"

namespace golf {

/// The bytes of a file as a treemap: an area per group, a cell per tensor, sizes in proportion to bytes in
/// the file. A self-contained SVG without scripts; each cell has a tooltip with its exact figures.
std::string treemap_svg(const FileReport& report);

}  // namespace golf
