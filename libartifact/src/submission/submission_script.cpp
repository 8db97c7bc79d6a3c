#include "golf/artifact/submission/submission_script.h"

#include <algorithm>
#include <array>

#include "submission/python_text.h"
#include "submission/script_wrapper.h"
#include "submission/text_lines.h"

namespace golf {
namespace {

constexpr size_t kMostPlaces = 4'000;  // of a kind in a script
constexpr size_t kMostString = 300;

/// The module of "numpy.linalg as la" or ".helpers": up to the dot that does not lead it.
std::string module_of(std::string_view text) {
  text = trimmed(text);
  size_t end = 0;
  while (end < text.size() && text[end] == '.') ++end;
  while (end < text.size() && is_word_character(text[end])) ++end;
  return std::string(text.substr(0, end));
}

void take_imports(std::string_view statement, int64_t line, SubmissionScript& script) {
  if (statement.starts_with("import ")) {
    statement.remove_prefix(7);
    while (!statement.empty() && script.imports.size() < kMostPlaces) {
      const size_t comma = statement.find(',');
      if (std::string module = module_of(statement.substr(0, comma)); !module.empty()) {
        script.imports.push_back({std::move(module), line});
      }
      if (comma == std::string_view::npos) break;
      statement.remove_prefix(comma + 1);
    }
  } else if (script.imports.size() < kMostPlaces && statement.starts_with("from ") &&
             statement.find(" import") != std::string_view::npos) {
    if (std::string module = module_of(statement.substr(5)); !module.empty()) {
      script.imports.push_back({std::move(module), line});
    }
  }
}

bool runs_file(std::string_view line) {
  constexpr std::array<std::string_view, 4> kForms = {"run_path(", "spec_from_file_location(",
                                                      "SourceFileLoader(", "execfile("};
  for (const std::string_view form : kForms) {
    if (line.find(form) != std::string_view::npos) return true;
  }
  for (size_t at = line.find("exec("); at != std::string_view::npos; at = line.find("exec(", at + 1)) {
    if (at > 0 && (is_word_character(line[at - 1]) || line[at - 1] == '.')) continue;
    // What follows the first call contains what follows the others.
    const std::string_view call = line.substr(at);
    return call.find("open(") != std::string_view::npos || call.find(".read_text(") != std::string_view::npos;
  }
  return false;
}

}  // namespace

SubmissionScript read_submission_script(std::string_view text, const std::string& file) {
  uint64_t unpack_bytes = limits::kUnpackedFolderBytes;
  return read_submission_script(text, file, unpack_bytes);
}

SubmissionScript read_submission_script(std::string_view text, const std::string& file,
                                        uint64_t& unpack_bytes) {
  SubmissionScript script{.file = file, .shipped_bytes = text.size()};
  script.source = std::string(text);
  PythonText python = read_python(script.source);
  for (int depth = 0; depth < limits::kWrapperDepth; ++depth) {
    std::optional<Unwrapped> inside = unwrap(script.source, python, unpack_bytes);
    if (!inside) break;
    unpack_bytes -= std::min<uint64_t>(unpack_bytes, inside->source.size());
    const bool unpacked = inside->wrapper.problem.empty();
    if (!script.wrapper) {
      script.wrapper = inside->wrapper;
    } else if (unpacked) {
      script.wrapper->unpacked_bytes = inside->wrapper.unpacked_bytes;
    }
    if (!unpacked) break;
    script.source = std::move(inside->source);
    python = read_python(script.source);
  }
  int64_t number = 0;
  for (const std::string_view line : lines_of(python.code)) {
    ++number;
    script.lines.emplace_back(line);
    std::string_view rest = line;
    while (true) {
      const size_t end = rest.find(';');
      take_imports(trimmed(rest.substr(0, end)), number, script);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    if (runs_file(line) && script.runs_files.size() < kMostPlaces) {
      script.runs_files.push_back({std::string(trimmed(line).substr(0, kMostString)), number});
    }
  }
  for (PythonText::Literal& literal : python.literals) {
    if (literal.text.size() <= kMostString && script.strings.size() < kMostPlaces) {
      script.strings.push_back({std::move(literal.text), literal.line});
    }
  }
  return script;
}

}  // namespace golf
