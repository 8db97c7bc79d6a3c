#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// What a decoder can do besides the least. The names are those of python/features.py.
enum class PythonFeature { kGrid, kTrellis, kBf16 };

/// Python source (standard library and NumPy) with a function load(PATH) that reads .golf files of codec golf
/// at `level`: the committed pieces of python/minified, made from the sources in python/ by
/// scripts/make_python_decoder.sh.
/// @param banks  parameter banks that load(PATH) joins and load(PATH, True) leaves as matrices, one a layer
std::string python_decoder_source(int level, const std::set<PythonFeature>& features,
                                  const std::vector<std::string>& banks = {});

/// The file NAME.py of python/minified.
std::string_view python_file(std::string_view name);

/// Two lines of ASCII that do what `source` does: it is carried along through lzma, in base 85.
std::string pack_python(std::string_view source);

}  // namespace golf
