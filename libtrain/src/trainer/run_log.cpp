#include "golf/train/trainer/run_log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

[[noreturn]] void fail_write(const std::string& path) {
  fail(ErrorCode::kIo, fmt::format("{}: cannot be written: {}", printable(path), std::strerror(errno)));
}

}  // namespace

LineFile::LineFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "we")) {
  if (!file_) fail_write(path_);
}

void LineFile::write(const std::string& line) {
  const std::string text = line + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) {
    fail_write(path_);
  }
}

RunLog::RunLog(const std::string& log_path, const std::string& metrics_path,
               std::function<void(const std::string&)> on_line)
    : log_(std::make_unique<LineFile>(log_path)),
      metrics_(std::make_unique<LineFile>(metrics_path)),
      on_line_(std::move(on_line)) {}

void RunLog::line(const std::string& text) {
  if (log_) log_->write(text);
  if (on_line_) on_line_(text);
}

void RunLog::metrics(const Json& record) {
  if (metrics_) metrics_->write(record.dump());
}

}  // namespace golf
