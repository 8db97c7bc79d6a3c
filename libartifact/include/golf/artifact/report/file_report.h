#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/report/breakdown.h"

namespace golf {

enum class InputKind { kArtifact, kCheckpoint, kTokenShard, kTokenizer, kOther };

/// One file, read and described. Every byte of it has a label in `sizes`.
struct FileReport {
  std::string name = {};
  InputKind kind = InputKind::kArtifact;
  std::string kind_name = {};  ///< "golf artifact", "safetensors checkpoint", …
  SizeMap sizes = {};
  std::optional<ArtifactInfo> artifact = {};
  std::optional<StoredModel> stored = {};  ///< with Depth::kIntegers, of an artifact whose layout is known
  std::optional<ModelSpec> spec = {};
  std::vector<std::pair<std::string, Json>> facts = {};  ///< what else the content says: tokens, pieces, …
  std::vector<std::string> warnings = {};

  bool is_model() const { return kind == InputKind::kArtifact || kind == InputKind::kCheckpoint; }
};

/// How much of an artifact is read: headers are enough for every figure shown; decoding the weights finds
/// damage in them too; kIntegers keeps what is stored.
enum class Depth { kHeaders, kWeights, kIntegers };

/// Reads a file of any kind, told by content, or a checkpoint in parts. `spec`, when given, is what its
/// tensors are checked against. `key` chooses a state dict of a torch file.
/// @throws Error naming the file
FileReport read_report(const std::string& path, const std::optional<ModelSpec>& spec,
                       Depth depth = Depth::kHeaders, const std::string& key = {});

/// As read_report(), weights too, for --check: a file whose layout no reader knows is reported by its size,
/// with a warning that says why. What is known to be an artifact and is damaged stays an error.
FileReport read_any_report(const std::string& path, const std::optional<ModelSpec>& spec,
                           const std::string& key = {});

/// The file as an element of the "files" array of schema "golf.inspect/1".
/// @param budget  what it is held against; nothing: not shown
Json summary_json(const FileReport& report, const std::optional<BudgetReport>& budget,
                  const RowSelection& selection);

}  // namespace golf
