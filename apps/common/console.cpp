#include "common/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include "common/run_main.h"
#include "golf/artifact/base/file.h"

namespace golf {

void print_stdout(std::string_view text) { write_file_atomic("-", as_bytes(text)); }

void print_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDERR_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    text.remove_prefix(static_cast<size_t>(put));
  }
}

Console::Console(std::string tool, const CommonOptions& options, bool results_to_stderr)
    : tool_(std::move(tool)),
      quiet_(options.quiet),
      results_to_stderr_(results_to_stderr),
      style_(wants_color(options.color, results_to_stderr ? STDERR_FILENO : STDOUT_FILENO),
             text_width(results_to_stderr ? STDERR_FILENO : STDOUT_FILENO), options.verbose),
      progress_(!options.quiet && is_terminal(STDERR_FILENO)) {}

void Console::result(std::string_view text) {
  progress_.clear();
  if (results_to_stderr_) {
    print_stderr(text);
  } else {
    print_stdout(text);
  }
}

void Console::result_json(const Json& document) { result(document.dump(2) + "\n"); }

void Console::note(std::string_view text) {
  if (!quiet_) line(text);
}

void Console::log(std::string_view text) {
  if (!is_terminal(STDERR_FILENO)) return note(text);
  if (quiet_) return;
  progress_.clear();
  print_stderr(printable(text, 4'095) + "\n");
}

void Console::warn(std::string_view text) { note(fmt::format("warning: {}", text)); }

void Console::refuse(std::string_view text) { line(text); }

ProgressSink Console::progress() {
  return [this](const Progress& progress) { progress_.update(progress); };
}

void Console::line(std::string_view text) {
  progress_.clear();
  print_stderr(printable(fmt::format("{}: {}", tool_, text), 4'095) + "\n");
}

}  // namespace golf
