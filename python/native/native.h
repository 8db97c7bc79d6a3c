#pragma once

#include <nanobind/nanobind.h>

#include <filesystem>
#include <string>

#include "golf/artifact/base/json.h"

namespace golf::python {

namespace nb = nanobind;

/// A JSON document as dicts, lists, strings and numbers. Bytes that are not UTF-8 become what os.fsdecode()
/// makes of them. The GIL must be held.
nb::object to_python(const Json& json);

/// A path as the libraries take it. "-", which to them is standard input or output, is a file here.
std::string path_of(const std::filesystem::path& path);

// The parts of the module.
void bind_weights(nb::module_& module);
void bind_reports(nb::module_& module);
void bind_pack(nb::module_& module);

}  // namespace golf::python
