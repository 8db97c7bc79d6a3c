#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "golf/artifact/base/progress.h"

namespace golf {

enum class ColorMode { kAuto, kAlways, kNever };

bool is_terminal(int fd);
/// Columns of the terminal behind `fd`; 80 when it is none.
size_t terminal_width(int fd);
/// Columns that text for people is fitted to: the variable COLUMNS where it is set, else those of the
/// terminal behind `fd`; 0, any number, when it is none.
size_t text_width(int fd);
/// kAuto: only on a terminal, and not when NO_COLOR is set and not empty or TERM is "dumb".
bool wants_color(ColorMode mode, int fd);

/// How text for people looks: in ANSI colors or without, in how many columns, with how much detail.
class Style {
 public:
  /// @param width  0: any
  explicit Style(bool enabled = false, size_t width = 0, bool verbose = false)
      : enabled_(enabled), width_(width), verbose_(verbose) {}
  size_t width() const { return width_; }
  bool verbose() const { return verbose_; }
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("31;1", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool enabled_;
  size_t width_;
  bool verbose_;
};

/// The parts of `line` between its commas that fit `width` columns: no number is cut. Of a first part that is
/// longer, its words.
std::string whole_parts(std::string_view line, size_t width);

/// One line on standard error that is rewritten in place: stage, percentage, running figure, time left, rate.
/// Shows nothing when `enabled` is false, and erases itself when destroyed.
class ProgressLine {
 public:
  explicit ProgressLine(bool enabled) : enabled_(enabled) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { clear(); }

  void update(const Progress& progress);
  /// Erases the line, so that something else can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool enabled_;
  bool visible_ = false;
  std::string stage_;
  uint64_t stage_first_done_ = 0;
  Clock::time_point stage_start_;
  Clock::time_point last_drawn_;
};

}  // namespace golf
