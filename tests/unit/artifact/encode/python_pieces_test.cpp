// The emitted Python; tests/cli/emit_decoder_numpy.sh and python_pieces.sh run it.
#include "encode/golf/python/python_pieces.h"

#include <gtest/gtest.h>

#include "encode/codec_source.h"

namespace golf {
namespace {

TEST(PythonPieces, HaveWhatTheLevelAndTheTensorsNeed) {
  const auto bytes = [](int level, const std::set<PythonFeature>& features) {
    return python_decoder_source({.level = level, .features = features}).size();
  };
  using enum PythonFeature;
  EXPECT_EQ(bytes(1, {}), bytes(2, {}));
  EXPECT_LT(bytes(2, {}), bytes(3, {}));
  EXPECT_LT(bytes(3, {}), bytes(4, {}));
  EXPECT_EQ(bytes(4, {}), bytes(9, {}));
  EXPECT_LT(bytes(3, {}), bytes(3, {kBf16}));
  EXPECT_LT(bytes(3, {}), bytes(3, {kGrid}));
  EXPECT_LT(bytes(3, {kGrid}), bytes(3, {kGrid, kTrellis}));
  EXPECT_LT(bytes(3, {kGrid, kTrellis}), bytes(3, {kGrid, kTrellis, kBf16}));
  EXPECT_EQ(python_decoder_source({.level = 1, .compiled = true}),
            python_decoder_source({.level = 9, .compiled = true}));
}

TEST(PythonPieces, DefineTheFunctionThatLoads) {
  EXPECT_NE(python_decoder_source({.level = 3}).find("\ndef load("), std::string::npos);
}

TEST(PythonPieces, JoinTheBanksAndGiveTheHeadThatAreNamed) {
  const std::string source = python_decoder_source(
      {.level = 3, .banks = {"kv_bank", "mlp_up_bank"}, .tied_head = "h", .table = "t"});
  EXPECT_NE(source.find("\ndef joined("), std::string::npos);
  EXPECT_NE(source.find("{\"kv_bank\":\"attn.c_k attn.c_v\".split(),\"mlp_up_bank\":\"mlp.fc\".split()}"),
            std::string::npos);
  EXPECT_NE(source.find("A[\"h\"]=A[\"t\"]"), std::string::npos);
  EXPECT_TRUE(source.starts_with(python_decoder_source({.level = 3})));
}

/// What Python's lzma.decompress(base64.b85decode(digits)) gives.
std::string unpacked(const std::string& packed) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  const size_t begin = packed.find('"') + 1;
  const std::string digits = packed.substr(begin, packed.find('"', begin) - begin);
  Bytes bytes;
  for (size_t at = 0; at < digits.size(); at += 5) {
    const size_t count = std::min<size_t>(5, digits.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 5; ++i) {
      group = 85 * group + (i < count ? static_cast<uint32_t>(kDigits.find(digits[at + i])) : 84);
    }
    for (size_t i = 0; i + 1 < count; ++i) bytes.push_back(static_cast<std::byte>(group >> (24 - 8 * i)));
  }
  OutputBuffer out(1'000'000, OutputBuffer::AtLimit::kFail, 0, "t");
  lzma_decode_any(bytes, out, "t");
  return std::string(as_text(out.take()));
}

TEST(PythonPieces, AreCarriedAlongThroughLzmaInBase85) {
  for (const std::string source : {"a", "ah", "aho", "ahov", "ahove"}) {
    const std::string packed = pack_python(source);
    EXPECT_TRUE(packed.starts_with("import lzma,base64\nexec(lzma.decompress(base64.b85decode(\"")) << packed;
    EXPECT_EQ(unpacked(packed), source);
  }
  const std::string decoder = python_decoder_source({.level = 9});
  EXPECT_EQ(unpacked(pack_python(decoder)), decoder);
}

}  // namespace
}  // namespace golf
