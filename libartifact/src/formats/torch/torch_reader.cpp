#include <fmt/format.h>

#include <charconv>
#include <set>

#include "formats/torch/pickle_machine.h"
#include "formats/torch/pickle_values.h"
#include "formats/torch/zip_archive.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

constexpr std::string_view kPickleName = "data.pkl";
constexpr std::string_view kStorageFolder = "data/";
constexpr int kOldestVersion = 1;
constexpr int kNewestVersion = 10;         // of the zip layout, not of torch
constexpr uint64_t kMostNoteBytes = 4096;  // .format_version, .data/serialization_id and their like

[[noreturn]] void fail_file(const std::string& what, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {}", what, problem));
}

/// Layout version and byte order.
void check_notes(const ZipArchive& archive, const std::string& what) {
  const auto* version = archive.find("version");
  if (version == nullptr) fail_file(what, "not a torch.save file: it has no entry \"version\"");
  std::string_view text = as_text(version->content);
  if (text.ends_with('\n')) text.remove_suffix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < kOldestVersion ||
      number > kNewestVersion) {
    fail_file(what, fmt::format("torch file version \"{}\", {} to {} are read", printable(text, 20),
                                kOldestVersion, kNewestVersion));
  }
  const auto* order = archive.find("byteorder");
  if (order != nullptr && as_text(order->content) != "little") {
    fail(ErrorCode::kUnsupported, fmt::format("{}: byte order \"{}\", only \"little\" is read", what,
                                              printable(as_text(order->content), 20)));
  }
}

/// Every entry must be one that the reader has used or that torch.save writes as a note.
void check_entries(const ZipArchive& archive, const std::set<std::string_view>& used,
                   const std::string& what) {
  for (const ZipArchive::Entry& entry : archive.entries()) {
    const std::string_view name = entry.name;
    const bool note = name == "version" || name == "byteorder" ||
                      (name.starts_with('.') && entry.content.size() <= kMostNoteBytes);
    if (name == kPickleName || note) continue;
    if (name.starts_with(kStorageFolder) && used.contains(name.substr(kStorageFolder.size()))) continue;
    const bool script = name == "constants.pkl" || name.starts_with("code/");
    fail_file(what, script
                        ? "a TorchScript archive, which is code: save the state dict with torch.save instead"
                        : fmt::format("zip entry \"{}\" belongs to nothing", printable(name)));
  }
}

}  // namespace

bool is_torch_file(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  return text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06");
}

TorchValue parse_torch_file(ByteView bytes, const std::string& what) {
  const ZipArchive archive(bytes, what);
  check_notes(archive, what);
  const auto* data = archive.find(kPickleName);
  if (data == nullptr) fail_file(what, "not a torch.save file: it has no entry \"data.pkl\"");

  const auto lookup = [&](std::string_view key) -> std::optional<ByteView> {
    const auto* entry = archive.find(std::string(kStorageFolder).append(key));
    if (entry == nullptr) return std::nullopt;
    return entry->content;
  };
  const std::string where = what + ": data.pkl";
  pickle::Machine machine(data->content, where, lookup);
  const pickle::Value root = machine.run();
  if (root.kind != pickle::Kind::kDict && root.kind != pickle::Kind::kOrderedDict) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: the root is {}, a dict is expected: save a state dict",
                                              where, pickle::kind_name(root.kind)));
  }
  std::set<std::string_view> used;
  for (const pickle::Storage& storage : machine.heap().storages) used.insert(storage.key);
  check_entries(archive, used, what);
  return pickle::to_plain_value(machine.heap(), root, where);
}

const TorchValue* TorchValue::find(std::string_view key) const {
  const auto* dict = std::get_if<Dict>(&value);
  if (dict == nullptr) return nullptr;
  for (const auto& [name, member] : *dict) {
    if (const auto* text = std::get_if<std::string>(&name.value); text != nullptr && *text == key)
      return &member;
  }
  return nullptr;
}

}  // namespace golf
