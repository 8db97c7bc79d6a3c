#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// The checkpoints of one run: step_000200.safetensors, … Other files in the folder are left alone.
class CheckpointFolder {
 public:
  /// The folder need not be there.
  explicit CheckpointFolder(std::string path) : path_(std::move(path)) {}

  std::string file(int64_t step) const;
  /// The steps that have a checkpoint, ascending.
  std::vector<int64_t> steps() const;

  /// Writes a checkpoint whole or not at all, then removes all but the `keep` newest. @throws Error kIo
  void write(int64_t step, ByteView bytes, int64_t keep) const;
  /// Removes the checkpoints after that step, and what a write that was cut off left. @throws Error kIo
  void cut_back(int64_t step) const;
  /// Removes all of them, and the folder when nothing else is in it. @throws Error kIo
  void clear() const;

 private:
  std::string path_;
};

/// Removes what calls of write_file_atomic() that were cut off (SIGKILL, a power cut) left in a folder. For
/// folders that nobody else writes to. @throws Error kIo
void remove_temporary_files(const std::string& folder);

}  // namespace golf
