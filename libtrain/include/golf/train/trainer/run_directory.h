#pragma once

#include <string>

namespace golf {

/// The folder of one run and the names inside it. submission.json is written last, so its presence says that
/// the run finished.
class RunDirectory {
 public:
  /// Makes the folder. A finished run in it is an error, or is removed with `overwrite`; what an unfinished
  /// one left is removed. Other files stay.
  /// @throws Error kInvalidArgument (finished run, not a folder), kIo
  RunDirectory(std::string path, bool overwrite);

  std::string config() const { return file("config.json"); }
  std::string log() const { return file("train.log"); }
  std::string metrics() const { return file("metrics.jsonl"); }
  std::string weights() const { return file("final.safetensors"); }
  /// @param format  "golf" or "ptz"
  std::string artifact(const std::string& format) const { return file("final." + format); }
  std::string evaluation() const { return file("eval.json"); }
  std::string submission() const { return file("submission.json"); }
  const std::string& path() const { return path_; }

 private:
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  std::string path_;
};

}  // namespace golf
