#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "golf/artifact/base/json.h"

namespace golf {

/// A text file that grows line by line and can be read while it grows.
class LineFile {
 public:
  /// @throws Error kIo, naming the path
  explicit LineFile(std::string path);
  /// Writes the line and a newline through to the file. @throws Error kIo
  void write(const std::string& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// The two records of a run: train.log for people and the challenge, metrics.jsonl for programs. Made without
/// paths it keeps nothing: of several ranks the first alone writes.
class RunLog {
 public:
  /// @param on_line  hears each line of the log too
  RunLog() = default;
  RunLog(const std::string& log_path, const std::string& metrics_path,
         std::function<void(const std::string&)> on_line = {});

  void line(const std::string& text);
  void metrics(const Json& record);

 private:
  std::unique_ptr<LineFile> log_, metrics_;
  std::function<void(const std::string&)> on_line_;
};

}  // namespace golf
