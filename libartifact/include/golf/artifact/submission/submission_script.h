#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/folder_limits.h"

namespace golf {

/// A place in a script: a module's name, a string, a file that is run.
struct ScriptPlace {
  std::string text;
  int64_t line = 0;  ///< from 1
};

/// A script that holds its source compressed in a string and runs it with exec(): "exec(lzma.decompress(…))".
struct ScriptWrapper {
  std::string how = {};      ///< "base85, lzma (raw)"; empty: it could not be unpacked
  std::string problem = {};  ///< why not
  uint64_t unpacked_bytes = 0;
  int64_t line = 0;
};

/// Python source as text alone: nothing in it is run.
struct SubmissionScript {
  std::string file;  ///< its name in the folder
  uint64_t shipped_bytes = 0;
  std::optional<ScriptWrapper> wrapper = {};  ///< the outermost one
  /// The source that runs: what the wrapper holds, or the file's own text.
  std::string source = {};
  /// Its lines without comments and docstrings: strings stay.
  std::vector<std::string> lines = {};
  std::vector<ScriptPlace> imports = {};  ///< modules, without what follows a dot; relative ones keep theirs
  std::vector<ScriptPlace> strings = {};  ///< literals of at most 300 bytes, without quotes
  /// Lines that run a file: exec(open(…)), runpy, importlib from a path. The text is the line.
  std::vector<ScriptPlace> runs_files = {};
};

/// Reads a script; of what is wrapped the innermost source that could be unpacked.
/// @param unpack_bytes  what wrappers may still hold; less after each. A wrapper that holds more is a problem
SubmissionScript read_submission_script(std::string_view text, const std::string& file,
                                        uint64_t& unpack_bytes);
SubmissionScript read_submission_script(std::string_view text, const std::string& file);

/// Python's base64.b85decode. @throws Error kCorruptData for other characters or a bad end
Bytes decode_base85(std::string_view text);
/// base64 with the standard alphabet; white space is passed over. @throws Error kCorruptData
Bytes decode_base64(std::string_view text);
/// Python's base64.a85decode, with Adobe's marks or without.
Bytes decode_ascii85(std::string_view text);

}  // namespace golf
