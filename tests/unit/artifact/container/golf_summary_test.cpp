#include <gtest/gtest.h>

#include <map>

#include "container_models.h"
#include "golf/artifact/container/artifact.h"

namespace golf {
namespace {

TEST(GolfSummary, LabelsEveryByteExactlyOnce) {
  for (const char* codec : {"zlib:9", "store", "brotli:5", "golf:3"}) {
    Artifact artifact = test::small_artifact();
    artifact.info.codec = parse_codec(codec);
    const Bytes bytes = encode_artifact(artifact);
    const ArtifactSummary summary = summarize_artifact(bytes, "t");
    EXPECT_EQ(summary.sizes.file_bytes, bytes.size());
    EXPECT_EQ(summary.sizes.sum(), bytes.size()) << codec;
    uint64_t raw_payload = 0;
    int64_t elements = 0;
    for (const SizeRow& row : summary.sizes.rows) {
      if (!row.tensor.empty()) raw_payload += row.raw_bytes;
      elements += row.elements;
    }
    EXPECT_EQ(raw_payload, artifact.model.payload_bytes());
    EXPECT_EQ(elements * 4, static_cast<int64_t>(artifact.model.original_bytes()));
  }
}

TEST(GolfSummary, TellsWhatEachTensorIs) {
  const Artifact artifact = test::small_artifact();
  const ArtifactSummary summary = summarize_artifact(encode_artifact(artifact), "t");
  EXPECT_EQ(summary.info.spec, artifact.info.spec);
  ASSERT_EQ(summary.tensors.size(), artifact.model.tensors.size());
  for (size_t i = 0; i < summary.tensors.size(); ++i) {
    EXPECT_EQ(summary.tensors[i].scheme(), artifact.model.tensors[i].scheme());
    EXPECT_EQ(summary.tensors[i].values.shape, artifact.model.tensors[i].values.shape);
    EXPECT_EQ(summary.tensors[i].scales.shape, artifact.model.tensors[i].scales.shape);
    EXPECT_TRUE(summary.tensors[i].values.bytes.empty());
  }
  std::map<std::string, const SizeRow*> payload;
  for (const SizeRow& row : summary.sizes.rows) {
    if (row.part == BytePart::kPayload) payload[row.tensor] = &row;
  }
  const SizeRow& matrix = *payload.at("blocks.1.attn.c_k.weight");
  EXPECT_EQ(matrix.group, "attention");
  EXPECT_EQ(matrix.layer, 1);
  EXPECT_EQ(matrix.scheme, "int6");
  EXPECT_EQ(matrix.elements, 16 * 32);
  EXPECT_EQ(payload.at("blocks.1.attn.c_q.weight")->scheme, "ecsq");
  EXPECT_EQ(payload.at("blocks.1.attn.proj.weight")->scheme, "tcq");
  EXPECT_TRUE(matrix.apportioned) << "it shares a stream";
  EXPECT_FALSE(payload.at("blocks.1.mlp.fc.weight")->apportioned)
      << "the only int4 tensor has its own stream";
}

}  // namespace
}  // namespace golf
