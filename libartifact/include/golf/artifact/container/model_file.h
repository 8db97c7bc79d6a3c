#pragma once

#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// A checkpoint or artifact as it lies on a disk.
struct ModelFile {
  std::string name = {};  ///< as given, printable; "standard input" for "-"
  /// The file's content. Of a checkpoint in parts: all tensors as one safetensors file, in the order of the
  /// parts' names, with the metadata of the first part.
  Bytes bytes = {};
  uint64_t disk_bytes = 0;  ///< the sum of the parts' sizes
  /// What was read in place of `name`, one sentence each, for people.
  std::vector<std::string> notes = {};
};

/// What becomes of one part of a checkpoint in parts that is given by itself. Its name tells:
/// model-00001-of-00002.safetensors.
enum class LonePart {
  kRefuse,
  kNote,  ///< read, with a note
};

/// Reads a model from
/// - a file, a pipe, or "-";
/// - the index of a checkpoint in parts (model.safetensors.index.json, pytorch_model.bin.index.json), whose
///   parts lie beside it and hold exactly the tensors that it lists;
/// - a folder with such an index, with all parts of one checkpoint, or with one .safetensors file.
/// @throws Error naming the file: what read_file() throws, kMismatch when index and parts disagree or a part
/// is missing, kUnsupported for a folder without a checkpoint, kInvalidArgument for a part by itself and for
/// more than limits::kFileBytes in all
ModelFile read_model_file(const std::string& path, LonePart lone_part = LonePart::kRefuse);

/// Whether a folder has what read_model_file() reads.
bool is_model_folder(const std::string& path);

}  // namespace golf
