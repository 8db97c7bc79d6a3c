#pragma once

#include <memory>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

/// The JSON lines of a batch, one a job, in a file that only ever holds whole lines but for the last one,
/// which is cut off when it is not whole. Another process cannot open it meanwhile.
class BatchLines {
 public:
  /// Opens the file, or makes it. @throws Error naming it: kInvalidArgument when another process writes it,
  /// kCorruptData when a line that is whole is no JSON object, kIo
  explicit BatchLines(const std::string& path);
  ~BatchLines();
  BatchLines(const BatchLines&) = delete;
  BatchLines& operator=(const BatchLines&) = delete;

  const std::vector<Json>& lines() const { return lines_; }
  /// Appends a line; it is on the disk when this returns. @throws Error kIo
  void append(Json line);

 private:
  std::string path_;
  int file_ = -1;
  std::vector<Json> lines_;
};

}  // namespace golf
