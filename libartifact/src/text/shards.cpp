#include "golf/artifact/text/shards.h"

#include <fmt/format.h>

#include <filesystem>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr std::string_view kDigits = "0123456789";

std::string beside(const std::string& shard) {
  std::error_code ignored;
  const std::string sidecar = sidecar_name(shard);
  return std::filesystem::exists(sidecar, ignored) ? sidecar : std::string();
}

/// `path` as a pattern that matches it alone.
std::string escaped(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

/// "fineweb_val_bytes_000000.bin" → "fineweb_val_000000.bin".
std::string shard_of_sidecar(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  return name.erase(name.rfind("_bytes"), std::string_view("_bytes").size());
}

}  // namespace

bool is_sidecar_name(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.find("_bytes_") != std::string::npos || name.ends_with("_bytes.bin");
}

std::string sidecar_name(const std::string& shard) {
  const std::filesystem::path path(shard);
  const std::string stem = path.stem().string();
  const size_t number = stem.find_last_not_of(kDigits) + 1;
  const bool numbered = number > 0 && number < stem.size() && stem[number - 1] == '_';
  const std::string name =
      numbered ? stem.substr(0, number) + "bytes_" + stem.substr(number) : stem + "_bytes";
  return path.parent_path() / (name + path.extension().string());
}

std::vector<ShardFiles> find_shards(const std::string& where, std::string_view in_folder) {
  if (where == "-") return {{where}};
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(where, ignored);
  if (!is_folder && is_sidecar_name(where) && std::filesystem::exists(where, ignored)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: is by its name a byte sidecar, which holds no tokens: give the shard {}",
                     printable(where), printable(shard_of_sidecar(where))));
  }
  const std::string pattern =
      is_folder ? (std::filesystem::path(escaped(where)) / std::string(in_folder)).string() : where;
  std::vector<ShardFiles> shards;
  for (const std::string& path : expand_glob(pattern)) {
    if (!is_sidecar_name(path)) shards.push_back({path, beside(path)});
  }
  if (shards.empty()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: matches byte sidecars alone: give the token shards", printable(pattern)));
  }
  return shards;
}

std::string shards_digest(const std::vector<ShardFiles>& shards) {
  std::string listing;
  for (const ShardFiles& shard : shards) {
    listing += fmt::format("{}:{}\n", std::filesystem::path(shard.path).filename().string(),
                           std::filesystem::file_size(shard.path));
    if (!shard.sidecar.empty()) listing += fmt::format("{}\n", std::filesystem::file_size(shard.sidecar));
  }
  return sha256_hex(as_bytes(listing)).substr(0, 16);
}

}  // namespace golf
