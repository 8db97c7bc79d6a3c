#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/model_file.h"

namespace golf {

/// The weights of a checkpoint or artifact, each made when it is asked for. An artifact is decompressed and
/// checked at once, its integers are kept as they are, and one tensor at a time becomes floats: a quarter of
/// the memory, and no wait for tensors that nobody asks for.
///
/// Names, shapes and order are those of LoadedModel::own_tensors(). A checkpoint comes as it is, values that
/// are not finite included. Reading does not change the object, so threads may share it.
class WeightReader {
 public:
  struct Row {
    std::string name;
    DType dtype = DType::kF32;  ///< of the checkpoint, which tensor() restores
    Shape shape;
  };

  /// @param threads  for decompression; 0: all
  /// @param key  of the state dict in a torch file; empty: found
  /// @throws Error naming the file, as load_model() does
  explicit WeightReader(const ModelFile& file, int threads = 0, const std::string& key = {});

  const std::vector<Row>& rows() const { return rows_; }
  /// What was done to read the file: sentences for people.
  const std::vector<std::string>& notes() const { return model_.notes; }
  const std::optional<ModelSpec>& spec() const { return model_.spec; }

  /// @throws Error kMismatch when there is no such tensor; kCorruptData when one of an artifact has a value
  /// that is not finite
  Tensor tensor(std::string_view name) const;

 private:
  void read_artifact(const ModelFile& file, int threads);
  /// Those of an artifact's tensors that one of the rows is made of.
  LoadedModel parts_of(const std::string& name) const;

  std::string what_;
  /// Of a checkpoint with its tensors. Of an artifact with `artifact`, and tensors that have shapes but no
  /// bytes.
  LoadedModel model_;
  std::vector<Row> rows_;
};

}  // namespace golf
