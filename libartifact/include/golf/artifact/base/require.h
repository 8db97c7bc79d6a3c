#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace golf {

/// Checks of configuration values. @throws Error kInvalidArgument "FIELD: PROBLEM"
void require(bool holds, std::string_view field, const std::string& problem);
void require_range(std::string_view field, int64_t value, int64_t low, int64_t high);
void require_range(std::string_view field, double value, double low, double high);

}  // namespace golf
