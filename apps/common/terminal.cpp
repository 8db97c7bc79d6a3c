#include "common/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "common/console.h"
#include "common/text_table.h"

namespace golf {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval{100};
constexpr size_t kLeastWidth = 40;  ///< below it nothing would be readable

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

std::string rate_text(double per_second) {
  return per_second < 100 ? fmt::format("{:.1f}", per_second)
                          : with_separators(static_cast<uint64_t>(per_second));
}

}  // namespace

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

size_t terminal_width(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

size_t text_width(int fd) {
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const std::string_view text = columns;
    size_t width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error == std::errc{} && end == text.data() + text.size() && width > 0) {
      return std::max(width, kLeastWidth);
    }
  }
  return is_terminal(fd) ? std::max(terminal_width(fd), kLeastWidth) : 0;
}

bool wants_color(ColorMode mode, int fd) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && term != nullptr && std::string_view(term) != "dumb";
}

std::string Style::wrap(std::string_view code, std::string_view text) const {
  return enabled_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string whole_parts(std::string_view line, size_t width) {
  if (line.size() <= width) return std::string(line);
  size_t end = line.rfind(", ", width);
  if (end == std::string_view::npos) end = line.rfind(' ', width);
  return std::string(line.substr(0, end == std::string_view::npos ? width : end));
}

void ProgressLine::update(const Progress& progress) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    stage_first_done_ = progress.done;
    stage_start_ = now;
  } else if (now - last_drawn_ < kRedrawInterval) {
    return;
  }
  last_drawn_ = now;

  // What matters most comes first: a narrow terminal cuts the end off.
  std::string line = progress.stage;
  if (progress.total > 0) line += " " + percent(progress.done, progress.total);
  if (!progress.note.empty()) line += ", " + progress.note;
  const double seconds = std::chrono::duration<double>(now - stage_start_).count();
  const uint64_t done = progress.done - std::min(progress.done, stage_first_done_);
  if (seconds > 0.5 && done > 0) {
    const double rate = static_cast<double>(done) / seconds;
    if (progress.total > progress.done) {
      line += fmt::format(", {} left", duration(static_cast<double>(progress.total - progress.done) / rate));
    }
    line += fmt::format(", {} {}/s", rate_text(rate), progress.unit);
  }
  line += ", " + with_separators(progress.done);
  if (progress.total > 0) line += " / " + with_separators(progress.total);
  if (!progress.unit.empty()) line += " " + progress.unit;
  // A line that wraps could not be rewritten; one column stays free for the cursor.
  print_stderr("\r" + whole_parts(line, terminal_width(STDERR_FILENO) - 1) + "\x1b[K");
  visible_ = true;
}

void ProgressLine::clear() {
  if (visible_) print_stderr("\r\x1b[K");
  visible_ = false;
}

}  // namespace golf
