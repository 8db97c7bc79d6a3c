#include "golf/artifact/container/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/folder_limits.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/formats/safetensors.h"

namespace golf {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexEnding = ".index.json";

/// What the name of a part says: part 1 of 2 of "model", ".safetensors".
struct PartName {
  std::string series;  ///< the name without the part's number: "model-*-of-00002.safetensors"
  int number = 0;
  int count = 0;
};

std::optional<PartName> part_name(const std::string& path) {
  const fs::path file(path);
  const std::string stem = file.stem().string();
  const std::string ending = file.extension().string();
  constexpr size_t kDigits = 5;
  constexpr std::string_view kOf = "-of-";
  constexpr size_t kTail = 1 + kDigits + kOf.size() + kDigits;  // "-00001-of-00002"
  if ((ending != ".safetensors" && ending != ".bin" && ending != ".pt") || stem.size() < kTail) {
    return std::nullopt;
  }
  const std::string_view tail = std::string_view(stem).substr(stem.size() - kTail);
  const auto number = [](std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
  };
  PartName part{.series = fmt::format("{}-*{}{}", stem.substr(0, stem.size() - kTail),
                                      tail.substr(1 + kDigits), ending),
                .number = number(tail.substr(1, kDigits)),
                .count = number(tail.substr(1 + kDigits + kOf.size()))};
  const bool sound = tail[0] == '-' && tail.substr(1 + kDigits, kOf.size()) == kOf && part.number >= 1 &&
                     part.number <= part.count;
  return sound ? std::optional(part) : std::nullopt;
}

/// Which tensors an index expects in which file.
using PartTable = std::map<std::string, std::vector<std::string>>;

PartTable read_index(const std::string& path, const std::string& what) {
  const Bytes bytes = read_file(path, limits::kJsonBytes);
  const Json root = parse_json(as_text(bytes), what);
  PartTable parts;
  const Json* table = root.find("weight_map");
  if (table == nullptr)
    fail(ErrorCode::kUnsupported, what + ": is no index of a checkpoint: no \"weight_map\"");
  try {
    for (const auto& [tensor, file] : table->as_object()) {
      const std::string& name = file.as_string();
      if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string::npos ||
          name.find('\0') != std::string::npos) {
        fail(ErrorCode::kCorruptData,
             fmt::format("\"weight_map\": \"{}\" is no name of a file beside the index", printable(name)));
      }
      parts[name].push_back(tensor);
    }
  } catch (const Error& error) {
    fail_within(what, error);
  }
  if (parts.empty()) fail(ErrorCode::kCorruptData, what + ": \"weight_map\" names no tensors");
  return parts;
}

/// Whether the file is a JSON document with a weight map; a file that is not JSON by its first byte is never
/// parsed.
bool is_index(const std::string& path) {
  std::error_code ignored;
  if (!path.ends_with(".json") || !fs::is_regular_file(path, ignored)) return false;
  try {
    return parse_json(as_text(read_file(path, limits::kJsonBytes)), path).find("weight_map") != nullptr;
  } catch (const Error&) {
    return false;
  }
}

/// Puts parts together.
class PartJoiner {
 public:
  void add(const std::string& path, const std::vector<std::string>* expected) {
    const std::string what = display_name(path);
    const Bytes bytes = read_file(path, limits::kFileBytes - std::min(disk_bytes_, limits::kFileBytes));
    disk_bytes_ += bytes.size();
    Checkpoint part = parse_stored_checkpoint(bytes, what);
    if (expected != nullptr) check(part.tensors, *expected, what);
    if (parts_++ == 0) tensors_.metadata = std::move(part.tensors.metadata);
    try {
      for (auto& [name, tensor] : part.tensors) tensors_.add(name, std::move(tensor));
    } catch (const Error& error) {
      fail_within(what, error);
    }
  }

  /// @param inside  what lies in a folder `name`, for the note; empty: nothing more to say
  ModelFile joined(const std::string& name, const std::string& inside) {
    return {.name = name,
            .bytes = encode_safetensors(tensors_),
            .disk_bytes = disk_bytes_,
            .notes = {fmt::format("{}{}{} parts with {} tensors are joined", inside,
                                  inside.empty() ? "" : ": ", parts_, tensors_.size())}};
  }

 private:
  static void check(const TensorSet& tensors, std::vector<std::string> expected, const std::string& what) {
    for (const std::string& name : expected) {
      if (tensors.contains(name)) continue;
      fail(ErrorCode::kMismatch,
           fmt::format("{}: tensor \"{}\" is missing, which the index expects here: download it again", what,
                       printable(name)));
    }
    if (tensors.size() == expected.size()) return;
    std::ranges::sort(expected);
    for (const auto& [name, tensor] : tensors) {
      if (std::ranges::binary_search(expected, name)) continue;
      fail(ErrorCode::kMismatch,
           fmt::format("{}: tensor \"{}\" is not in the index: the two do not belong together", what,
                       printable(name)));
    }
  }

  TensorSet tensors_;
  uint64_t disk_bytes_ = 0;
  int parts_ = 0;
};

ModelFile read_parts(const std::string& index, const std::string& what, const std::string& inside) {
  PartJoiner joiner;
  const fs::path folder = fs::path(index).parent_path();
  for (const auto& [file, tensors] : read_index(index, display_name(index))) {
    joiner.add((folder / file).string(), &tensors);
  }
  return joiner.joined(what, inside);
}

/// The regular files of a folder, by name in order. @throws Error kUnsupported for too many
std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) files.push_back(entry->path().string());
    if (files.size() > limits::kFolderEntries) {
      fail(ErrorCode::kUnsupported, fmt::format("{}: more than {} files: give the checkpoint itself",
                                                display_name(folder), limits::kFolderEntries));
    }
  }
  if (error)
    fail(ErrorCode::kIo, fmt::format("{}: cannot be listed: {}", display_name(folder), error.message()));
  std::ranges::sort(files);
  return files;
}

/// What a folder holds of a checkpoint: its index, the only series of parts, or the only safetensors file.
struct FolderContent {
  std::string index;
  std::vector<std::string> parts;
  std::vector<std::string> single;
  bool has_model() const { return !index.empty() || !parts.empty() || single.size() == 1; }
};

FolderContent look_into(const std::string& folder) {
  FolderContent content;
  std::map<std::string, std::vector<std::string>> series;
  for (const std::string& file : files_of(folder)) {
    // An index of safetensors is preferred to one of torch files, which says the same.
    if (file.ends_with(kIndexEnding) && is_index(file)) {
      if (content.index.empty() || file.ends_with(".safetensors.index.json")) content.index = file;
    } else if (const auto part = part_name(file)) {
      series[part->series].push_back(file);
    } else if (file.ends_with(".safetensors")) {
      content.single.push_back(file);
    }
  }
  if (series.size() == 1) content.parts = series.begin()->second;
  return content;
}

ModelFile read_folder_model(const std::string& folder, const std::string& what) {
  const FolderContent content = look_into(folder);
  if (!content.index.empty())
    return read_parts(content.index, what, fs::path(content.index).filename().string());
  if (!content.parts.empty()) {
    const PartName last = *part_name(content.parts.back());
    if (static_cast<int>(content.parts.size()) != last.count) {
      fail(ErrorCode::kMismatch, fmt::format("{}: {} of {} parts {} are there: download the others", what,
                                             content.parts.size(), last.count, printable(last.series)));
    }
    PartJoiner joiner;
    for (const std::string& part : content.parts) joiner.add(part, nullptr);
    return joiner.joined(what, printable(last.series));
  }
  if (content.single.size() == 1) {
    ModelFile file{.name = what, .bytes = read_file(content.single.front())};
    file.disk_bytes = file.bytes.size();
    file.notes = {fmt::format("its {} is read", fs::path(content.single.front()).filename().string())};
    return file;
  }
  fail(ErrorCode::kUnsupported,
       fmt::format("{}: is a folder {}: give the file", what,
                   content.single.empty() ? "without a checkpoint in safetensors or in parts"
                                          : "with several checkpoints"));
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return path != "-" && fs::is_directory(path, ignored);
}

}  // namespace

bool is_model_folder(const std::string& path) { return is_folder(path) && look_into(path).has_model(); }

ModelFile read_model_file(const std::string& path, LonePart lone_part) {
  const std::string what = display_name(path);
  if (is_folder(path)) return read_folder_model(path, what);
  if (path != "-" && is_index(path)) return read_parts(path, what, "");
  ModelFile file{.name = what};
  const auto part = part_name(path);
  if (part && part->count > 1) {
    const std::string note = fmt::format("is part {} of {} of a checkpoint", part->number, part->count);
    if (lone_part == LonePart::kRefuse) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("{}: {}: give its .index.json or its folder, so that all parts are read", what, note));
    }
    file.notes = {note};
  }
  file.bytes = read_file(path);
  file.disk_bytes = file.bytes.size();
  return file;
}

}  // namespace golf
