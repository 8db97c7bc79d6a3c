#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// What a decoder can do besides the least. The names are those of python/features.py.
enum class PythonFeature { kGrid, kTrellis, kBf16 };

/// What a decoder is to read.
struct PythonDecoderParts {
  int level = 0;                           ///< of codec golf
  bool compiled = false;                   ///< streams by C that is compiled when it is loaded; any level
  std::set<PythonFeature> features = {};   ///< of the tensors
  std::vector<std::string> banks = {};     ///< parameter banks that load(PATH) joins
  std::string tied_head = {}, table = {};  ///< names: load(PATH) gives the table as the head, too; or empty
};

/// Python source (standard library and NumPy) with a function load(PATH) that reads .golf files of codec
/// golf: the committed pieces of python/minified, made from the sources in python/ by
/// scripts/make_python_decoder.sh. With banks or a tied head load(PATH, True) gives what the file stores.
/// The names need no escapes in Python.
std::string python_decoder_source(const PythonDecoderParts& parts);

/// The file NAME.py of python/minified.
std::string_view python_file(std::string_view name);

/// Two lines of ASCII that do what `source` does: it is carried along through lzma, in base 85.
std::string pack_python(std::string_view source);

}  // namespace golf
