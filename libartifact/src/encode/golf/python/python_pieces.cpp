#include "encode/golf/python/python_pieces.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "encode/codec_source.h"
#include "encode/golf/compression_levels.h"
#include "golf/artifact/spec/parameter_banks.h"

namespace golf {
namespace {

/// The piece that reads the streams: level 1 does not predict, and what level 4 adds takes a search.
std::string stream_piece(const PythonDecoderParts& parts) {
  if (parts.compiled) return "stream_c";
  const CompressionLevel& options = compression_level(parts.level);
  if (!options.predict) return "stream_1";
  return options.absmax ? "stream_4" : "stream_3";
}

std::string load_piece(const std::set<PythonFeature>& features) {
  std::string name = "load";
  if (features.contains(PythonFeature::kTrellis)) {
    name += "_trellis";
  } else if (features.contains(PythonFeature::kGrid)) {
    name += "_grid";
  }
  return features.contains(PythonFeature::kBf16) ? name + "_bf16" : name;
}

/// A load() that gives the checkpoint's own tensors, after the load() before it.
std::string load_own(const PythonDecoderParts& parts) {
  std::string listed;
  for (const std::string& bank : parts.banks) {
    listed += fmt::format("{}\"{}\":\"{}\".split()", listed.empty() ? "" : ",", bank,
                          fmt::join(bank_matrices(bank), " "));
  }
  std::string source =
      "matrices=load\n"
      "def load(path,per_layer=False):\n"
      "\tA=matrices(path)\n"
      "\tif per_layer:return A\n";
  if (!listed.empty()) source += fmt::format("\tA=joined(A,{{{}}})\n", listed);
  if (!parts.tied_head.empty())
    source += fmt::format("\tA[\"{}\"]=A[\"{}\"]\n", parts.tied_head, parts.table);
  return source + "\treturn A\n";
}

/// As Python's base64.b85encode: four bytes become five digits, the most significant first; of a last group
/// of n bytes the first n + 1.
std::string base85(ByteView bytes) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 4) {
    const size_t count = std::min<size_t>(4, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 4; ++i) {
      group = group << 8 | (i < count ? std::to_integer<uint32_t>(bytes[at + i]) : 0);
    }
    char digits[5];
    for (size_t i = 5; i-- > 0; group /= 85) digits[i] = kDigits[group % 85];
    text.append(digits, count + 1);
  }
  return text;
}

}  // namespace

std::string python_decoder_source(const PythonDecoderParts& parts) {
  std::string source(python_file(stream_piece(parts)));
  source += python_file(load_piece(parts.features));
  if (!parts.banks.empty()) source += python_file("banks");
  return parts.banks.empty() && parts.tied_head.empty() ? source : source + load_own(parts);
}

std::string pack_python(std::string_view source) {
  return fmt::format("import lzma,base64\nexec(lzma.decompress(base64.b85decode(\"{}\")))\n",
                     base85(lzma_alone_encode(as_bytes(source))));
}

}  // namespace golf
