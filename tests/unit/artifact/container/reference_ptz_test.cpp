// The reference program's own artifacts: decoded to the bit, and written again with the same dictionary.
#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/spec/model_presets.h"
#include "support/reference_data.h"

namespace golf {
namespace {

Bytes read_reference(const std::string& name) { return read_file(test::reference_data() + "/" + name); }

void expect_decodes_to(const std::string& artifact, const std::string& expected_file) {
  const LoadedModel loaded = load_model(test::reference_data() + "/" + artifact, std::nullopt);
  EXPECT_EQ(loaded.artifact->info.codec.id, CodecId::kZlib);
  const TensorSet expected = parse_safetensors(read_reference(expected_file), expected_file);
  EXPECT_EQ(loaded.tensors.size(), expected.size());
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(loaded.tensors.at(name) == tensor) << name;
}

TEST(ReferencePtz, DecodesToTheReferencesBits) {
  GOLF_NEED_REFERENCE_DATA();
  expect_decodes_to("reference/artifact.int8.ptz", "reference/dequantized.safetensors");
  expect_decodes_to("reference/artifact_t4096.int8.ptz", "reference/dequantized_t4096.safetensors");
  expect_decodes_to("common/quant_cases_base.ptz", "common/quant_cases_base_deq.safetensors");
}

TEST(ReferencePtz, IsWrittenWithTheSameDictionary) {
  GOLF_NEED_REFERENCE_DATA();
  const auto spec = find_model_preset("baseline-tiny");
  const LoadedModel weights = load_model(test::reference_data() + "/reference/final.safetensors", spec);
  const auto dictionary = [](ByteView ptz) {
    return parse_torch_file(decode(CodecId::kZlib, ptz, limits::kDecompressedBytes, "t"), "t");
  };
  for (const auto& [limit, file] :
       {std::pair(65'536, "artifact.int8.ptz"), {4'096, "artifact_t4096.int8.ptz"}}) {
    QuantRecipe recipe = load_recipe("baseline-int8");
    recipe.keep_float_max = limit;
    Artifact artifact;
    artifact.info = {
        .format = ArtifactFormat::kPtz, .codec = parse_codec(recipe.codec), .ptz_layout = recipe.ptz_layout};
    artifact.model = quantize(weights.tensors, recipe, {});
    const Bytes reference = read_reference(std::string("reference/") + file);
    const Bytes ours = encode_artifact(artifact);
    EXPECT_TRUE(dictionary(ours) == dictionary(reference)) << file;
    EXPECT_LT(ours.size(), reference.size() + 1'000);
  }
}

}  // namespace
}  // namespace golf
