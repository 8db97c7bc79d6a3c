// Artifacts of PR 1394 and its descendants: GPTQ dictionaries and PGRP files, read to the bit and written
// again.
#include <gtest/gtest.h>

#include <cstdlib>

#include "container/pgrp_v2.h"
#include "container/row_order.h"
#include "container_models.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/external_program.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/container/artifact.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf {
namespace {

Bytes read_reference(const std::string& name) { return read_file(test::reference_data() + "/" + name); }

bool has_lrzip() {
  try {
    run_program({"lrzip", "--version"}, {}, 1 << 16);
    return true;
  } catch (const Error&) {
    return false;
  }
}

struct Case {
  std::string artifact, expected, layout;
  /// Whether `expected` lists the banks of the submission's state dict, or their matrices one by one.
  bool lists_banks = false;
};
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"pr1394/artifact.int6.ptz", "pr1394/dequantized.sha256.json", "gptq"},
      {"pr1493/artifact.int6.ptz", "pr1493/dequantized.sha256.json", "gptq"},
      {"pr1493/artifact_t65536.int6.ptz", "pr1493/dequantized_t65536.sha256.json", "gptq"},
      {"pr2135/artifact_v2_brotli.pgrp", "pr2135/dequantized.sha256.json", "pgrp_v2", true},
      {"pr2135/artifact_v2_lrzip.pgrp", "pr2135/dequantized.sha256.json", "pgrp_v2_lrzip", true},
      {"pr2135/artifact_v1_awq.pgrp", "pr2135/dequantized_v1_awq.sha256.json", "pgrp_v1", true},
      {"pr1855/artifact_t4096.pgrp", "pr1855/dequantized_artifact_t4096.sha256.json", "pgrp_v1"},
      {"pr1855/artifact_native.pgrp", "pr1855/dequantized_artifact_native.sha256.json", "pgrp_v1"},
  };
  return all;
}

void expect_same_values(const StoredModel& found, const StoredModel& expected) {
  const TensorSet values = dequantize(found);
  ASSERT_EQ(found.tensors.size(), expected.tensors.size());
  for (const auto& [name, tensor] : dequantize(expected)) EXPECT_TRUE(values.at(name) == tensor) << name;
}

TEST(ReferencePgrp, DecodesToTheSubmissionsBits) {
  GOLF_NEED_REFERENCE_DATA();
  for (const Case& entry : cases()) {
    SCOPED_TRACE(entry.artifact);
    const bool by_lrzip = entry.layout == "pgrp_v1" || entry.layout == "pgrp_v2_lrzip";
    if (by_lrzip && !has_lrzip()) continue;
    const LoadedModel loaded = load_model(test::reference_data() + "/" + entry.artifact, std::nullopt);
    test::expect_digests(entry.lists_banks ? loaded.own_tensors() : loaded.tensors, entry.expected);
    EXPECT_EQ(loaded.banks.size(), entry.layout == "gptq" ? 0U : 4U);
    EXPECT_EQ(summarize_artifact(read_reference(entry.artifact), "t").info.ptz_layout, entry.layout);
  }
}

TEST(ReferencePgrp, WritesVersion2sMatricesAsPr2135Does) {
  GOLF_NEED_REFERENCE_DATA();
  const Artifact artifact = decode_artifact(read_reference("pr2135/artifact_v2_brotli.pgrp"), "t");
  const Bytes again = encode_artifact(artifact);
  const Json container = read_json_file(test::reference_data() + "/pr2135/artifact_v2.json").at("container");
  const PgrpV2 file = parse_pgrp_v2(again, "t");
  const Bytes codes = decode(CodecId::kBrotli, file.codes, uint64_t{1} << 30U, "t");
  EXPECT_EQ(sha256_hex(codes), container.at("q_blob_sha256").as_string());
  const Bytes expected = read_reference("pr2135/artifact_v2_brotli.pgrp");
  const PgrpV2 theirs = parse_pgrp_v2(expected, "t");
  for (size_t i = 0; i < theirs.matrices.size(); ++i) {
    EXPECT_EQ(file.matrices.at(i).key, theirs.matrices[i].key);
    EXPECT_EQ(file.matrices.at(i).order, theirs.matrices[i].order);
  }
  // The other tensors come back as they were, whatever bytes torch.save wraps them in.
  expect_same_values(decode_artifact(again, "t").model, artifact.model);
}

TEST(ReferencePgrp, WritesDictionariesThatDecodeToTheSubmissionsTensors) {
  GOLF_NEED_REFERENCE_DATA();
  for (const std::string name : {"pr1394/artifact.int6.ptz", "pr1493/artifact.int6.ptz"}) {
    SCOPED_TRACE(name);
    Artifact artifact = decode_artifact(read_reference(name), name);
    EXPECT_EQ(artifact.info.ptz_byte_shuffle, 2);
    artifact.info.codec = parse_codec("brotli:5");
    expect_same_values(decode_artifact(encode_artifact(artifact), "t").model, artifact.model);
  }
}

TEST(ReferencePgrp, OrdersRowsAsPr1855Does) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet tensors = test::reference_tensors("pr1855/quant_cases.safetensors");
  const Json document = read_json_file(test::reference_data() + "/pr1855/quant_cases.json");
  for (const Json& entry : document.at("cases").as_array()) {
    if (entry.at("kind").as_string() != "similarity_sort") continue;
    SCOPED_TRACE(entry.at("name").as_string());
    const Tensor& matrix = tensors.at(entry.at("name").as_string() + ".matrix");
    std::vector<uint16_t> expected;
    for (const Json& row : entry.at("order").as_array())
      expected.push_back(static_cast<uint16_t>(row.as_int()));
    EXPECT_EQ(similar_row_order(matrix.values<int8_t>(), static_cast<size_t>(matrix.shape[0])), expected);
  }
}

/// A model of small_config() with a correction and fine columns, as recipes pr1855 and pr2014 make them.
Artifact small_artifact(const std::string& layout) {
  Artifact artifact;
  artifact.info = {.format = ArtifactFormat::kPtz, .codec = parse_codec("brotli:5"), .ptz_layout = layout};
  QuantRecipe recipe = load_recipe("pr1855");
  recipe.keep_float_max = 100;
  artifact.model = quantize(test::random_weights(test::small_config()), recipe, {});
  size_t corrected = 0;
  for (StoredTensor& stored : artifact.model.tensors) {
    if (stored.encoding == Encoding::kPassthrough || corrected == 2) continue;
    const int64_t rows = stored.values.shape[0];
    const int64_t columns = stored.values.shape[1];
    stored.low_rank = LowRank{.place = 1 - corrected++,
                              .a = make_tensor(DType::kI8, {rows, 2}),
                              .a_scales = make_tensor(DType::kF16, {}),
                              .b = make_tensor(DType::kI8, {2, columns}),
                              .b_scales = make_tensor(DType::kF16, {2})};
    stored.fine_columns =
        FineColumns{.starts = {8, 0}, .size = 4, .scales = make_tensor(DType::kF16, {rows})};
  }
  return artifact;
}

/// Two models that decode alike and keep their corrections' order.
void expect_same(const StoredModel& found, const StoredModel& expected) {
  ASSERT_EQ(found.tensors.size(), expected.tensors.size());
  for (size_t i = 0; i < found.tensors.size(); ++i) {
    StoredTensor other = found.tensors[i];
    if (other.low_rank) other.low_rank->place = expected.tensors[i].low_rank->place;
    EXPECT_TRUE(other == expected.tensors[i]) << other.name;
  }
}

TEST(Pgrp, EveryLayoutGivesTheModelBack) {
  for (const std::string layout : {"gptq", "pgrp_v2", "pgrp_v2_lrzip", "pgrp_v1"}) {
    SCOPED_TRACE(layout);
    if (!has_lrzip() && layout != "gptq" && layout != "pgrp_v2") continue;
    const Artifact artifact = small_artifact(layout);
    const Bytes bytes = encode_artifact(artifact);
    const Artifact decoded = decode_artifact(bytes, "t");
    EXPECT_EQ(decoded.info.ptz_layout, layout);
    expect_same(decoded.model, artifact.model);
    const ArtifactSummary summary = summarize_artifact(bytes, "t");
    EXPECT_EQ(summary.sizes.sum(), bytes.size());
    EXPECT_EQ(summary.tensors.size(), artifact.model.tensors.size());
    if (layout == "pgrp_v2") {
      EXPECT_TRUE(encode_artifact(decoded, 2) == bytes) << "whatever the number of threads";
    }
  }
}

TEST(Pgrp, SaysThatLrzipIsNotInstalled) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  EXPECT_GOLF_ERROR(encode_artifact(small_artifact("pgrp_v1")), ErrorCode::kUnsupported, "lrzip");
  ::setenv("PATH", path.c_str(), 1);
}

TEST(Pgrp, GolfFilesRefuseCorrections) {
  Artifact artifact = small_artifact("gptq");
  artifact.info.format = ArtifactFormat::kGolf;
  artifact.info.codec = parse_codec("store");
  EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kUnsupported, "use --format pgrp or ptz");
}

TEST(Pgrp, RefusesCorrectionsAndGroupsThatDoNotFit) {
  const auto expect_refused = [](const auto& damage, const std::string& message) {
    Artifact artifact = small_artifact("gptq");
    for (StoredTensor& stored : artifact.model.tensors) {
      if (!stored.low_rank) continue;
      damage(stored);
      break;
    }
    EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kCorruptData, message);
  };
  expect_refused(
      [](StoredTensor& t) {
        t.low_rank->b = make_tensor(DType::kI8, {3, t.values.shape[1]});
      },
      "low-rank correction: factor B int8 [2, ");
  expect_refused(
      [](StoredTensor& t) {
        t.low_rank->a = make_tensor(DType::kI8, {t.values.shape[0], 4'000});
      },
      "low-rank correction: a factor [");
  expect_refused([](StoredTensor& t) { t.low_rank->b_scales = make_tensor(DType::kF16, {7}); },
                 "low-rank correction: [7] float16 scales for");
  expect_refused([](StoredTensor& t) { t.fine_columns->starts = {t.values.shape[1] - 3}; },
                 "a group of 4 columns from column");
  expect_refused([](StoredTensor& t) { t.fine_columns->starts = {-1}; },
                 "a group of 4 columns from column -1");
}

TEST(Pgrp, RefusesDamagedHeadersByName) {
  const Bytes good = encode_artifact(small_artifact("pgrp_v2"));
  const PgrpV2 file = parse_pgrp_v2(good, "t");
  const auto expect_refused = [&](size_t offset, uint8_t value, const std::string& message) {
    Bytes bytes = good;
    bytes.at(offset) = std::byte{value};
    EXPECT_GOLF_ERROR(decode_artifact(bytes, "t"), ErrorCode::kCorruptData, message);
  };
  const size_t first_order = 12 + 2 + file.matrices[0].key.size() + 8;
  expect_refused(first_order + 2, 0, "the order of its rows is no permutation");
  expect_refused(14, 'z', "names ascend in PGRP 2");
  size_t method = 12;
  for (const PgrpV2::Matrix& matrix : file.matrices) method += matrix.header_bytes;
  expect_refused(method, 9, "method 9 is not known");
  expect_refused(method + 4, 0x7f, "t: ");
  for (size_t size = 12; size < good.size(); size += 97) {
    EXPECT_THROW(decode_artifact(ByteView(good).first(size), "t"), Error) << size;
  }
}

}  // namespace
}  // namespace golf
