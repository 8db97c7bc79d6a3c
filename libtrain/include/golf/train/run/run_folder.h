#pragma once

#include <dirent.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "golf/artifact/base/json.h"
#include "golf/train/checkpoint/training_checkpoint.h"

namespace golf {

/// What becomes of an earlier run in the same folder.
enum class RunStart {
  kNew,       ///< one that is finished or has checkpoints is an error, what else one left is removed
  kReplace,   ///< it is removed
  kContinue,  ///< its checkpoints and logs stay; a finished one is an error
};

/// The folder of a run's checkpoints.
std::string run_checkpoints(const std::string& run_dir);

/// The folder of one run and the names inside it. submission.json is written last, so its presence says that
/// the run finished.
class RunDirectory {
 public:
  /// Makes the folder and holds it until the end: no other run may use it meanwhile. Other files stay.
  /// @throws Error kInvalidArgument (an earlier run in the way, another process's run, not a folder), kIo
  RunDirectory(std::string path, RunStart start);

  std::string config() const { return file("config.json"); }
  std::string log() const { return file("train.log"); }
  std::string metrics() const { return file("metrics.jsonl"); }
  std::string weights() const { return file("final.safetensors"); }
  std::string calibration() const { return file("calibration.safetensors"); }
  /// @param format  "golf" or "ptz"
  std::string artifact(const std::string& format) const { return file("final." + format); }
  std::string evaluation() const { return file("eval.json"); }
  std::string receipt() const { return file("receipt.jsonl"); }
  std::string submission() const { return file("submission.json"); }
  std::string checkpoints() const { return run_checkpoints(path_); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(DIR* folder) const { ::closedir(folder); }
  };
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  void lock();
  void refuse_earlier_run(RunStart start) const;
  void clear(RunStart start) const;

  std::string path_;
  std::unique_ptr<DIR, Close> held_;  // open and locked
};

/// A text file that grows line by line and can be read while it grows.
class LineFile {
 public:
  /// Appends after the whole lines among the first `keep_bytes` of an existing file; with 0 the file starts
  /// empty.
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
