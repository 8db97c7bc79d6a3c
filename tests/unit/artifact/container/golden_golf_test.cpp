// The files of tests/data/golden_golf, written by the first version, and those of golden_golf_2, the first
// with method 2 of codec golf: read as ever, and written as ever.
#include <gtest/gtest.h>

#include <sstream>

#include "container/golf_header.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/stored_model.h"
#include "support/reference_data.h"

namespace golf {
namespace {

/// A row of a list FILES.
struct GoldenFile {
  std::string folder;
  std::string sha256;
  std::string name;
  std::string codec;
  Bytes bytes;
};

std::vector<GoldenFile> golden_files() {
  std::vector<GoldenFile> files;
  for (const char* name : {"tests/data/golden_golf/", "tests/data/golden_golf_2/"}) {
    GoldenFile file;
    file.folder = test::source_file(name);
    std::istringstream list(std::string(as_text(read_file(file.folder + "FILES"))));
    while (list >> file.sha256 >> file.name >> file.codec) {
      file.bytes = read_file(file.folder + file.name);
      files.push_back(file);
    }
  }
  return files;
}

/// The list TENSORS as the model would have it.
std::string list_tensors(const StoredModel& model) {
  std::map<std::string, std::string> rows;
  for (const auto& [name, tensor] : dequantize(model)) {
    std::string shape;
    for (const int64_t size : tensor.shape) shape += (shape.empty() ? "" : ",") + std::to_string(size);
    rows[name] = sha256_hex(tensor.bytes) + " " + std::string(safetensors_name(tensor.dtype)) + " [" + shape +
                 "] " + name + "\n";
  }
  std::string text;
  for (const auto& [name, row] : rows) text += row;
  return text;
}

TEST(GoldenGolf, HasAFileForEveryCodecAndEveryLevelOfCodecGolf) {
  std::map<std::string, int> files;
  for (const GoldenFile& file : golden_files()) {
    EXPECT_EQ(sha256_hex(file.bytes), file.sha256) << file.name;
    ++files[file.codec.substr(0, file.codec.find(':'))];
  }
  EXPECT_EQ(files.size(), 6U);
  EXPECT_EQ(files["golf"], 2 * 9);
}

TEST(GoldenGolf, DecodesToTheSameValues) {
  for (const GoldenFile& file : golden_files()) {
    const std::string expected(as_text(read_file(file.folder + "TENSORS")));
    EXPECT_EQ(list_tensors(decode_artifact(file.bytes, file.name).model), expected) << file.name;
  }
}

TEST(GoldenGolf, EncodesToTheSameBytes) {
  for (const GoldenFile& file : golden_files()) {
    const Artifact artifact = decode_artifact(file.bytes, file.name);
    EXPECT_EQ(to_string(artifact.info.codec), file.codec);
    const CodecRow& codec = codec_row(artifact.info.codec.id);
    if (artifact.info.provenance.at("codec_library") != codec.library_version()) continue;
    const Bytes again = encode_artifact(artifact);
    const std::vector<Section> expected = read_golf_sections(file.bytes, file.name);
    const std::vector<Section> found = read_golf_sections(again, file.name);
    ASSERT_EQ(found.size(), expected.size()) << file.name;
    // The first two are brotli's, whose version the file does not name.
    for (size_t i = 2; i < found.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(found[i].stored, expected[i].stored)) << file.name << ", section " << i;
      EXPECT_EQ(found[i].order, expected[i].order) << file.name << ", section " << i;
    }
  }
}

}  // namespace
}  // namespace golf
