#pragma once

#include <string>
#include <string_view>

namespace golf {

/// Whether a module comes with Python 3.11 or with the packages that upstream's requirements.txt names.
bool is_provided_module(std::string_view module);
/// The package that a module is in, as pip spells it; the module's own name with '-' when nothing else is
/// known.
std::string package_of_module(std::string_view module);

}  // namespace golf
