#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "golf/artifact/base/json.h"
#include "golf/train/checkpoint/training_checkpoint.h"

namespace golf {

/// A text file that grows line by line and can be read while it grows.
class LineFile {
 public:
  /// Begins anew, or goes on after the whole lines among the first `keep_bytes` of what is there.
  /// @throws Error kIo, naming the path
  explicit LineFile(std::string path, uint64_t keep_bytes = 0);
  /// Writes the line and a newline through to the file. @throws Error kIo
  void write(const std::string& line);
  uint64_t bytes() const { return bytes_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  uint64_t bytes_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// The two records of a run: train.log for people and the challenge, metrics.jsonl for programs. Made without
/// paths it keeps nothing: of several ranks the first alone writes.
class RunLog {
 public:
  RunLog() = default;
  /// @param on_line  hears each line of the log too
  /// @param keep     what stays of an earlier part of the run
  RunLog(const std::string& log_path, const std::string& metrics_path,
         std::function<void(const std::string&)> on_line = {}, const LogExtent& keep = {});

  void line(const std::string& text);
  void metrics(const Json& record);
  LogExtent extent() const;

 private:
  std::unique_ptr<LineFile> log_, metrics_;
  std::function<void(const std::string&)> on_line_;
};

}  // namespace golf
