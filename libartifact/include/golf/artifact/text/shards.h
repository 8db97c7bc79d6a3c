#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// A token shard and the byte sidecar that lies beside it.
struct ShardFiles {
  std::string path;
  std::string sidecar = {};  ///< "DIR/fineweb_val_bytes_000000.bin"; empty: there is none
  bool operator==(const ShardFiles&) const = default;
};

/// Whether a file's name says that it holds bytes a token and not tokens: it has "_bytes_" in it, or ends in
/// "_bytes.bin".
bool is_sidecar_name(const std::string& path);
/// The name that a shard's sidecar has: "bytes_" stands before the number at the end of the shard's name.
/// "fineweb_val_000000.bin" has "fineweb_val_bytes_000000.bin", "text.bin" has "text_bytes.bin".
std::string sidecar_name(const std::string& shard);

inline constexpr std::string_view kValidationShards = "fineweb_val_*.bin";
inline constexpr std::string_view kTrainingShards = "fineweb_train_*.bin";

/// The token shards that `where` names, sorted by path: one file ("-" is standard input), those that match a
/// glob, or those of a folder whose names match `in_folder`. A file of exactly that name comes before a
/// pattern, so brackets in a name need no escape. A sidecar is never among them.
/// @throws Error kInvalidArgument when nothing matches, or when the file is itself a sidecar
std::vector<ShardFiles> find_shards(const std::string& where, std::string_view in_folder = kValidationShards);

/// A digest of the names and sizes of shards: whether two runs read the same data.
std::string shards_digest(const std::vector<ShardFiles>& shards);

}  // namespace golf
