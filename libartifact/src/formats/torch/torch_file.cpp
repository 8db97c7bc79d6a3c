#include "golf/artifact/formats/torch/torch_file.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "formats/torch/pickle_machine.h"
#include "formats/torch/pickle_values.h"
#include "formats/torch/pickle_writer.h"
#include "formats/torch/zip_archive.h"
#include "formats/torch/zip_writer.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/formats/content.h"

namespace golf {

namespace {

constexpr std::string_view kPickleName = "data.pkl";
constexpr std::string_view kStorageFolder = "data/";
constexpr int kOldestVersion = 1;
constexpr int kNewestVersion = 10;         // of the zip layout, not of torch
constexpr uint64_t kMostNoteBytes = 4096;  // .format_version, .data/serialization_id and their like

std::string storage_entry(std::string_view key) { return std::string(kStorageFolder).append(key); }

[[noreturn]] void fail_file(const std::string& what, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {}", what, problem));
}

/// The content of a small entry that may be missing.
std::optional<std::string_view> read_note(ZipArchive& archive, std::string_view name, uint64_t most_bytes,
                                          const std::string& what) {
  const auto entry = archive.find(name);
  if (!entry) return std::nullopt;
  const uint64_t size_bytes = archive.entries()[*entry].size_bytes;
  if (size_bytes > most_bytes) {
    fail_file(what,
              fmt::format("zip entry \"{}\" of {} bytes, at most {} allowed", name, size_bytes, most_bytes));
  }
  return as_text(archive.read(*entry));
}

/// Layout version and byte order.
void check_notes(ZipArchive& archive, const std::string& what) {
  auto version = read_note(archive, "version", kMostNoteBytes, what);
  if (!version) fail_file(what, "not a torch.save file: it has no entry \"version\"");
  if (version->ends_with('\n')) version->remove_suffix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(version->data(), version->data() + version->size(), number);
  if (error != std::errc() || end != version->data() + version->size() || number < kOldestVersion ||
      number > kNewestVersion) {
    fail_file(what, fmt::format("torch file version \"{}\", {} to {} are read", printable(*version, 20),
                                kOldestVersion, kNewestVersion));
  }
  const auto order = read_note(archive, "byteorder", kMostNoteBytes, what);
  if (order && *order != "little") {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: byte order \"{}\", only \"little\" is read", what, printable(*order, 20)));
  }
}

/// Every entry must be one that the reader has used or that torch.save writes as a note.
void check_entries(const ZipArchive& archive, const std::set<std::string_view>& used,
                   const std::string& what) {
  for (const ZipArchive::Entry& entry : archive.entries()) {
    const std::string_view name = entry.name;
    const bool note = name == "version" || name == "byteorder" ||
                      (name.starts_with('.') && entry.size_bytes <= kMostNoteBytes);
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
  if (is_npz(bytes)) {
    fail(ErrorCode::kUnsupported,
         what + ": a NumPy .npz archive, no torch file: save the weights as safetensors");
  }
  ZipArchive archive(bytes, what);
  check_notes(archive, what);
  const auto data = read_note(archive, kPickleName, limits::kPickleBytes, what);
  if (!data) fail_file(what, "not a torch.save file: it has no entry \"data.pkl\"");

  const auto storage_size = [&](std::string_view key) -> std::optional<uint64_t> {
    const auto entry = archive.find(storage_entry(key));
    if (!entry) return std::nullopt;
    return archive.entries()[*entry].size_bytes;
  };
  const std::string where = what + ": data.pkl";
  pickle::Machine machine(as_bytes(*data), where, storage_size);
  const pickle::Value root = machine.run();
  if (root.kind != pickle::Kind::kDict && root.kind != pickle::Kind::kOrderedDict) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: the root is {}, a dict is expected: save a state dict",
                                              where, pickle::kind_name(root.kind)));
  }
  std::set<std::string_view> used;
  for (const pickle::Storage& storage : machine.heap().storages) used.insert(storage.key);
  check_entries(archive, used, what);

  for (size_t entry = 0; entry < archive.entries().size(); ++entry) archive.read(entry);
  std::vector<ByteView> storages;
  for (const pickle::Storage& storage : machine.heap().storages) {
    storages.push_back(archive.read(*archive.find(storage_entry(storage.key))));
  }
  return pickle::to_plain_value(machine.heap(), storages, root, where);
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

Bytes encode_torch_file(const TorchValue& root) {
  if (!std::holds_alternative<TorchValue::Dict>(root.value)) {
    fail(ErrorCode::kInvalidArgument, "torch file: the root must be a dict");
  }
  const pickle::Pickle pickle = pickle::write_pickle(root);
  ZipWriter zip("archive");
  zip.add("data.pkl", pickle.bytes);
  zip.add(".format_version", as_bytes("1"));
  zip.add(".storage_alignment", as_bytes(std::to_string(ZipWriter::kAlignment)));
  zip.add("byteorder", as_bytes("little"));
  for (size_t i = 0; i < pickle.storages.size(); ++i) {
    zip.add("data/" + std::to_string(i), pickle.storages[i]->bytes);
  }
  zip.add("version", as_bytes("3\n"));
  zip.add(".data/serialization_id", as_bytes(zip.serialization_id()));
  return zip.finish();
}

}  // namespace golf
