#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/report/pack_report.h"

namespace golf {

/// What golf-pack did, for people.
std::string pack_report_text(const PackReport& report, const Style& style);

}  // namespace golf
