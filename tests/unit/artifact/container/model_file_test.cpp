#include "golf/artifact/container/model_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/safetensors.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

constexpr const char* kFirst = "model-00001-of-00002.safetensors";
constexpr const char* kSecond = "model-00002-of-00002.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

TensorSet one_tensor(const std::string& name, float value) {
  TensorSet tensors;
  tensors.add(name, make_tensor<float>(DType::kF32, {2}, std::vector<float>{value, -value}));
  return tensors;
}

class ModelFiles : public testing::Test {
 protected:
  void SetUp() override {
    write(kFirst, encode_safetensors(one_tensor("model.a", 1)));
    write(kSecond, encode_safetensors(one_tensor("model.b", 2)));
    index(R"({"weight_map": {"model.b": ")" + std::string(kSecond) + R"(", "model.a": ")" + kFirst + "\"}}");
  }
  void write(const std::string& name, ByteView bytes) { write_file_atomic(dir.file(name), bytes); }
  void index(const std::string& text) { write(kIndex, as_bytes(text)); }
  void remove(const std::string& name) { std::filesystem::remove(dir.file(name)); }
  void expect_joined(const std::string& path) {
    const ModelFile file = read_model_file(path);
    const TensorSet tensors = parse_safetensors(file.bytes, "joined");
    EXPECT_EQ(tensors.size(), 2U);
    EXPECT_EQ(tensors.at("model.a"), one_tensor("x", 1).at("x"));
    EXPECT_EQ(tensors.at("model.b"), one_tensor("x", 2).at("x"));
    EXPECT_EQ(file.disk_bytes,
              std::filesystem::file_size(dir.file(kFirst)) + std::filesystem::file_size(dir.file(kSecond)));
    ASSERT_EQ(file.notes.size(), 1U);
    EXPECT_NE(file.notes[0].find("2 parts with 2 tensors are joined"), std::string::npos) << file.notes[0];
  }

  test::TempDir dir;
};

TEST_F(ModelFiles, JoinsThePartsThatAnIndexNames) {
  expect_joined(dir.file(kIndex));
  expect_joined(dir.path());
  const LoadedModel model = load_model(dir.path(), std::nullopt);
  EXPECT_TRUE(model.tensors.contains("a")) << "the prefix of both parts is taken off after they are joined";
  EXPECT_EQ(model.notes.size(), 2U);
}

TEST_F(ModelFiles, JoinsTheOnlySeriesOfPartsInAFolder) {
  remove(kIndex);
  expect_joined(dir.path());
  remove(kFirst);
  EXPECT_GOLF_ERROR(read_model_file(dir.path()), ErrorCode::kMismatch,
                    "1 of 2 parts model-*-of-00002.safetensors are there");
}

TEST_F(ModelFiles, RefusesAPartByItself) {
  EXPECT_GOLF_ERROR(read_model_file(dir.file(kFirst)), ErrorCode::kInvalidArgument,
                    "is part 1 of 2 of a checkpoint: give its .index.json or its folder");
  EXPECT_EQ(read_model_file(dir.file(kFirst), LonePart::kNote).notes,
            std::vector<std::string>{"is part 1 of 2 of a checkpoint"});
  write("model-00001-of-00001.safetensors", encode_safetensors(one_tensor("a", 1)));
  EXPECT_TRUE(read_model_file(dir.file("model-00001-of-00001.safetensors")).notes.empty());
}

TEST_F(ModelFiles, RefusesAnIndexAndPartsThatDisagree) {
  const std::string path = dir.file(kIndex);
  const auto refused = [&](const std::string& text, ErrorCode code, const std::string& reason) {
    index(text);
    EXPECT_GOLF_ERROR(read_model_file(path), code, reason);
  };
  const std::string first = "\"model.a\": \"" + std::string(kFirst) + "\"";
  refused("{\"weight_map\": {" + first + ", \"c\": \"" + kFirst + "\"}}", ErrorCode::kMismatch,
          "tensor \"c\" is missing");
  refused("{\"weight_map\": {\"x\": \"gone.safetensors\"}}", ErrorCode::kInvalidArgument, "cannot open");
  refused("{\"weight_map\": {\"x\": \"../x\"}}", ErrorCode::kCorruptData,
          "is no name of a file beside the index");
  refused("{\"weight_map\": {\"x\": \"\"}}", ErrorCode::kCorruptData, "is no name of a file");
  refused("{\"weight_map\": {}}", ErrorCode::kCorruptData, "names no tensors");
  refused("{\"weight_map\": 3}", ErrorCode::kCorruptData, kIndex);
  TensorSet two = one_tensor("model.a", 1);
  two.add("model.extra", make_tensor(DType::kF32, {1}));
  write(kFirst, encode_safetensors(two));
  refused("{\"weight_map\": {" + first + "}}", ErrorCode::kMismatch, "\"model.extra\" is not in the index");
}

TEST_F(ModelFiles, TakesTheOnlyFileOfAFolder) {
  const test::TempDir other;
  EXPECT_FALSE(is_model_folder(other.path()));
  EXPECT_GOLF_ERROR(read_model_file(other.path()), ErrorCode::kUnsupported,
                    "is a folder without a checkpoint");
  write_file_atomic(other.file("a.safetensors"), encode_safetensors(one_tensor("a", 1)));
  EXPECT_TRUE(is_model_folder(other.path()));
  EXPECT_EQ(read_model_file(other.path()).notes, std::vector<std::string>{"its a.safetensors is read"});
  write_file_atomic(other.file("b.safetensors"), encode_safetensors(one_tensor("a", 1)));
  EXPECT_GOLF_ERROR(read_model_file(other.path()), ErrorCode::kUnsupported, "with several checkpoints");
}

}  // namespace
}  // namespace golf
