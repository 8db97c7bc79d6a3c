// The entries' own artifacts: decoded to the bit, and written again with the same dictionaries.
#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/fit.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf {
namespace {

using test::expect_digests;
using test::reference_tensors;

/// An artifact of an entry, how it was made and what it decodes to. `weights` is empty where a file was made
/// from another artifact.
struct Case {
  std::string artifact, expected, layout, recipe, weights = {}, spec = {};
  int64_t keep_float_max = 65'536;
};

/// Two layers whose every matrix is quantized.
const std::string& wide_spec() {
  static const std::string path = test::source_file("tests/parity/configs/pr993-wide.json");
  return path;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"pr88/artifact.int8.ptz", "pr88/dequantized.sha256.json", "int8_clean_clip", "pr88", "pr88/final",
       "pr88-tiny"},
      {"pr88/artifact_t4096.int8.ptz", "pr88/dequantized_t4096.sha256.json", "int8_clean_clip", "pr88",
       "pr88/final", "pr88-tiny", 4'096},
      {"pr192/artifact.int6.ptz", "pr192/dequantized.sha256.json", "int6_clean", "pr192", "pr192/final",
       "pr192-tiny"},
      {"pr262/artifact.int6.ptz", "pr262/dequantized.sha256.json", "wm_scale", "pr262", "pr262/final",
       "pr262-tiny"},
      {"pr993/artifact.int6.ptz", "pr993/dequantized.sha256.json", "wm_scale", "pr993", "pr993/final",
       "pr993-tiny"},
      {"pr993/wide/artifact_noprune.int6.ptz", "pr993/wide/dequantized_noprune.sha256.json", "wm_scale",
       "pr993", "pr993/wide/input", wide_spec()},
      {"pr993/wide/artifact_prune.int6.ptz", "pr993/wide/dequantized_prune.sha256.json", "wm_scale", "pr993"},
      {"pr1046/artifact.int6.ptz", "pr1046/dequantized.sha256.json", "wm_s", "pr1046", "pr1046/final",
       "pr1046-tiny"},
      {"pr1046/artifact_t4096.int6.ptz", "pr1046/dequantized_t4096.sha256.json", "wm_s", "pr1046",
       "pr1046/final", "pr1046-tiny", 4'096},
      {"pr1046/artifact.int8.ptz", "pr1046/dequantized.sha256.json", "int8_clean", "pr1046-int8",
       "pr1046/final", "pr1046-tiny"},
  };
  return all;
}

Bytes read_reference(const std::string& name) { return read_file(test::reference_data() + "/" + name); }

bool has_banks(const Case& entry) { return entry.recipe == "pr993"; }

TEST(ReferenceEntriesPtz, DecodeToTheEntriesBits) {
  GOLF_NEED_REFERENCE_DATA();
  for (const Case& entry : cases()) {
    SCOPED_TRACE(entry.artifact);
    const LoadedModel loaded = load_model(test::reference_data() + "/" + entry.artifact, std::nullopt);
    EXPECT_EQ(loaded.artifact->info.ptz_layout, entry.layout);
    EXPECT_EQ(loaded.artifact->info.codec.id, parse_codec(load_recipe(entry.recipe).codec).id);
    EXPECT_EQ(loaded.banks.empty(), !has_banks(entry));
    expect_digests(loaded.own_tensors(), entry.expected);
  }
}

// The torch file under the codec is the entry's own byte for byte: keys, order, dtypes, tags and all.
TEST(ReferenceEntriesPtz, AreWrittenAsTheEntriesWriteThem) {
  GOLF_NEED_REFERENCE_DATA();
  for (const Case& entry : cases()) {
    if (entry.weights.empty()) continue;
    SCOPED_TRACE(entry.artifact);
    QuantRecipe recipe = load_recipe(entry.recipe);
    recipe.keep_float_max = entry.keep_float_max;
    const LoadedModel weights = load_model(test::reference_data() + "/" + entry.weights + ".safetensors",
                                           load_model_spec(entry.spec));
    Artifact artifact;
    artifact.info = {
        .format = ArtifactFormat::kPtz, .codec = {.id = CodecId::kStore}, .ptz_layout = recipe.ptz_layout};
    artifact.model = quantize(weights.tensors, recipe, {});
    const Bytes expected =
        decode(parse_codec(recipe.codec).id, read_reference(entry.artifact), limits::kDecompressedBytes, "t");
    EXPECT_TRUE(encode_artifact(artifact) == expected);
  }
}

uint64_t count_nonzero(const StoredModel& model) {
  uint64_t count = 0;
  for (const StoredTensor& stored : model.tensors) {
    if (stored.encoding == Encoding::kPassthrough) continue;
    for (const int8_t q : stored.values.values<int8_t>()) count += q != 0 ? 1 : 0;
  }
  return count;
}

TEST(ReferenceEntriesPtz, PruneAs993Does) {
  GOLF_NEED_REFERENCE_DATA();
  Artifact artifact = decode_artifact(read_reference("pr993/wide/artifact_noprune.int6.ptz"), "noprune");
  const Json record = read_json_file(test::reference_data() + "/pr993/wide/artifact_prune.json");
  const auto target = static_cast<uint64_t>(record.at("target_mib").as_double() * 1'048'576);
  const uint64_t limit = target - record.at("code_bytes_assumed").as_uint();
  artifact.info.codec = parse_codec("lzma:6");
  const auto xz_bytes = [&](const StoredModel& model) {
    return uint64_t{encode_artifact({.info = artifact.info, .model = model}).size()};
  };
  // Bisecting with xz takes long: this asks for the entry's own count, and below whether xz agrees with it.
  constexpr uint64_t kZeroed = 143'315;
  const auto prune = [&](uint64_t count) {
    StoredModel model = artifact.model;
    const uint64_t all = count_nonzero(model);
    const PruneReport report = prune_to_fit(model, all - count, count_nonzero);
    EXPECT_EQ(report.candidates, 258'369U);
    EXPECT_EQ(report.zeroed, count);
    return model;
  };
  const StoredModel pruned = prune(kZeroed);
  expect_digests(join_banks(dequantize(pruned), artifact.info.banks),
                 "pr993/wide/dequantized_prune.sha256.json");
  EXPECT_LE(xz_bytes(pruned), limit);
  EXPECT_GT(xz_bytes(prune(kZeroed - 1)), limit) << "one less would not fit";
}

TEST(ReferenceEntriesPtz, DecodeAwkwardTensors) {
  GOLF_NEED_REFERENCE_DATA();
  for (const std::string name : {"88", "1046_int6", "1046_int8"}) {
    SCOPED_TRACE(name);
    const std::string file = "common/quant_cases_" + name;
    const LoadedModel loaded = load_model(test::reference_data() + "/" + file + ".ptz", std::nullopt);
    // 1046's int6 dictionary leaves the integers' original dtypes to the loading model.
    TensorSet found;
    const TensorSet expected = reference_tensors(file + "_deq.safetensors");
    for (const auto& [tensor_name, tensor] : loaded.tensors) {
      const DType dtype = expected.at(tensor_name).dtype;
      found.add(tensor_name, tensor.dtype == dtype ? tensor : from_f32(to_f32(tensor), dtype, tensor.shape));
    }
    test::expect_same_tensors(found, expected);
  }
}

}  // namespace
}  // namespace golf
