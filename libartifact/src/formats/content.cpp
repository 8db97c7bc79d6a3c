#include "golf/artifact/formats/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

using namespace std::string_view_literals;

/// A kind of file that is told by bytes at a fixed place.
struct MagicRow {
  size_t offset;
  std::string_view magic;
  std::string_view what;  ///< with the remedy
};

/// torch.save before 1.6: a pickle of protocol 2 whose first value is torch's magic number.
constexpr std::string_view kOldTorch = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv;

constexpr std::array kMagicRows = {
    MagicRow{0, "\x1f\x8b"sv, "a gzip stream: decompress it first"},
    MagicRow{0, "BZh"sv, "a bzip2 stream: decompress it first"},
    MagicRow{0, "\x5d\x00\x00"sv, "a stream of lzma's .lzma form: decompress it first"},
    MagicRow{0, "7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive: unpack it first"},
    MagicRow{0, "\x50\x2a\x4d\x18"sv,
             "a zstd stream that begins with a skippable frame: decompress it first"},
    MagicRow{257, "ustar"sv, "a tar archive: unpack it first"},
    MagicRow{0, kOldTorch,
             "a file of torch.save before torch 1.6: torch.load() it and torch.save() its state dict again"},
    MagicRow{0, "\x93NUMPY"sv, "a NumPy array: save the weights as safetensors"},
    MagicRow{0, "GGUF"sv, "a GGUF model: save the weights as safetensors"},
    MagicRow{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file: save the weights as safetensors"},
    MagicRow{0, "PAR1"sv, "a Parquet file: save the weights as safetensors"},
    MagicRow{0, "version https://git-lfs"sv, "a pointer of Git LFS: git lfs pull fetches the file itself"},
    MagicRow{0, "<!DOCTYPE html"sv, "a web page: download the file itself"},
    MagicRow{0, "<html"sv, "a web page: download the file itself"},
};

/// A JSON document that is told by a key of its root.
struct JsonRow {
  std::string_view key;
  std::string_view what;
};
constexpr std::array kJsonRows = {
    JsonRow{"weight_map", "the index of a checkpoint in parts: give its path, so that the parts are found"},
    JsonRow{"added_tokens", "a tokenizer.json of Hugging Face: give the SentencePiece .model"},
    JsonRow{"val_bpb", "a submission.json: golf-inspect submission FOLDER checks a submission"},
    JsonRow{"model", "a model configuration: give it to --model-config"},
    JsonRow{"architectures", "a config.json of Hugging Face: give the checkpoint beside it"},
};

std::optional<std::string> name_json(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{' || text.size() > limits::kJsonBytes) {
    return std::nullopt;
  }
  try {
    const Json root = parse_json(text, "");
    for (const JsonRow& row : kJsonRows) {
      if (root.find(row.key) != nullptr) return fmt::format("this is {}", row.what);
    }
    return "this is a JSON document: give the file that it describes";
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_plain_text(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f';
         });
}

bool is_python(std::string_view text) {
  const auto has_line = [&](std::string_view start) {
    return text.starts_with(start) || text.find("\n" + std::string(start)) != std::string_view::npos;
  };
  return has_line("import ") || has_line("from ") || has_line("def ") || has_line("class ");
}

std::optional<std::string> name_stream(ByteView bytes) {
  const std::optional<CodecId> codec = detect_codec(bytes);
  if (!codec) return std::nullopt;
  try {
    const Bytes raw = decode(*codec, bytes, limits::kDecompressedBytes, "");
    return fmt::format("this is {} of {}", stream_name(*codec), name_decompressed(raw));
  } catch (const Error&) {
    return fmt::format("this is {} that is damaged or cut short", stream_name(*codec));
  }
}

}  // namespace

std::string stream_name(CodecId codec) {
  return codec == CodecId::kLzma ? "an xz stream" : fmt::format("a {} stream", codec_row(codec).name);
}

bool is_npz(ByteView bytes) {
  // A local header: the length of the name at byte 26, the name at byte 30.
  constexpr size_t kLength = 26, kName = 30;
  const std::string_view text = as_text(bytes);
  if (!text.starts_with("PK\x03\x04") || text.size() < kName) return false;
  uint16_t length = 0;
  std::memcpy(&length, text.data() + kLength, sizeof(length));
  return text.substr(kName, length).ends_with(".npy");
}

std::string name_decompressed(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (is_safetensors(bytes)) return "a safetensors file: decompress it first";
  if (is_plain_text(text)) {
    return is_python(text) ? "Python source: it is code, for --code"
                           : fmt::format("{} bytes of text", text.size());
  }
  const bool shorts = bytes.size() % 2 == 0 && bytes.size() >= 2;
  const auto high_bytes_small = [&] {
    for (size_t i = 1; i < bytes.size(); i += 2) {
      if (static_cast<uint8_t>(bytes[i]) >= 0x40) return false;
    }
    return true;
  };
  if (shorts && high_bytes_small()) {
    return fmt::format("{} small 16-bit numbers, as in a paid prefix: golf-eval --paid-prefix reads one",
                       bytes.size() / 2);
  }
  return fmt::format("{} bytes that are no torch file", bytes.size());
}

std::optional<std::string> name_content(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.empty()) return "the file is empty";
  if (is_npz(bytes)) return "this is a NumPy .npz archive: save the weights as safetensors";
  for (const MagicRow& row : kMagicRows) {
    if (text.size() > row.offset && text.substr(row.offset).starts_with(row.magic)) {
      return fmt::format("this is {}", row.what);
    }
  }
  if (auto json = name_json(text)) return json;
  if (auto stream = name_stream(bytes)) return stream;
  if (text.size() > 1 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5) {
    return "this is a bare pickle, which is code: save the state dict with torch.save instead";
  }
  if (text.size() <= limits::kJsonBytes && is_plain_text(text)) {
    return is_python(text) ? "this is Python source" : "this is text";
  }
  return std::nullopt;
}

std::string describe_content(ByteView bytes, const std::string& otherwise) {
  return name_content(bytes).value_or(otherwise);
}

}  // namespace golf
