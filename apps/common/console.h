#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/command_line.h"
#include "common/terminal.h"
#include "common/text_table.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/progress.h"

namespace golf {

/// Writes all of `text` to standard output. @throws Error kIo when it is closed or full
void print_stdout(std::string_view text);
/// Writes to standard error, best effort.
void print_stderr(std::string_view text);

/// Where a tool's words go: results to standard output, everything else to standard error.
class Console {
 public:
  /// @param results_to_stderr  standard output carries the artifact itself (`-o -`)
  Console(std::string tool, const CommonOptions& options, bool results_to_stderr = false);

  /// The result for people, or one JSON document with a newline.
  void result(std::string_view text);
  void result_json(const Json& document);
  /// The result for people, its lines folded to the width of the terminal.
  void report(std::string_view text) { result(fold(text, style_.width())); }
  /// "tool: text" on standard error, unless --quiet.
  void note(std::string_view text);
  /// A line of the tool's own log: as note(), but on a terminal without the tool's name.
  void log(std::string_view text);
  /// "tool: warning: text" on standard error, unless --quiet.
  void warn(std::string_view text);
  /// "tool: text" on standard error, always: why a check failed.
  void refuse(std::string_view text);
  /// Draws a progress line when standard error is a terminal and not --quiet. Borrows this console.
  ProgressSink progress();
  /// Colors and width for the result.
  const Style& style() const { return style_; }

 private:
  void line(std::string_view text);

  std::string tool_;
  bool quiet_;
  bool results_to_stderr_;
  Style style_;
  ProgressLine progress_;
};

}  // namespace golf
