// Artifacts whose tensors do not match the model configuration, or hold what no weight can be: load_model(),
// through which golf-eval and golf-pack read them, refuses each by the tensor's name, in every layout.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "container_models.h"
#include "golf/artifact/container/artifact.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using Damage = std::function<void(StoredModel&)>;

/// One way to store the small model: a container and a dictionary layout.
struct Layout {
  ArtifactFormat format;
  std::string recipe;
};

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = {
      {ArtifactFormat::kGolf, "pr993"}, {ArtifactFormat::kPtz, "baseline-int8"},
      {ArtifactFormat::kPtz, "pr88"},   {ArtifactFormat::kPtz, "pr192"},
      {ArtifactFormat::kPtz, "pr993"},  {ArtifactFormat::kPtz, "pr1046"},
  };
  return all;
}

Artifact artifact_of(const Layout& layout) {
  QuantRecipe recipe = load_recipe(layout.recipe);
  recipe.keep_float_max = 100;
  Artifact artifact;
  artifact.info = {.format = layout.format, .codec = parse_codec("zlib:1"), .ptz_layout = recipe.ptz_layout};
  artifact.model = quantize(test::random_weights(test::small_config()), recipe, {});
  return artifact;
}

StoredTensor& find(StoredModel& model, const std::string& name) {
  const auto found = std::find_if(model.tensors.begin(), model.tensors.end(),
                                  [&](const StoredTensor& stored) { return stored.name == name; });
  if (found == model.tensors.end()) throw std::out_of_range(name);
  return *found;
}

void expect_refused(const Layout& layout, ErrorCode code, const Damage& damage, const std::string& part) {
  Artifact artifact = artifact_of(layout);
  damage(artifact.model);
  const ModelSpec spec{.model = test::small_config(), .eval = {}};
  EXPECT_GOLF_ERROR(load_model(encode_artifact(artifact), "m", spec), code, "m: " + part);
}

void expect_refused_everywhere(ErrorCode code, const Damage& damage, const std::string& part) {
  for (const Layout& layout : layouts()) {
    SCOPED_TRACE(std::string(format_name(layout.format)) + " " + layout.recipe);
    expect_refused(layout, code, damage, part);
  }
}

const std::string kMatrix = "blocks.1.mlp.proj.weight";
const std::string kVector = "blocks.0.attn_scale";

TEST(BadTensors, AreAllWellInTheUndamagedArtifacts) {
  const ModelSpec spec{.model = test::small_config(), .eval = {}};
  for (const Layout& layout : layouts()) {
    EXPECT_NO_THROW(load_model(encode_artifact(artifact_of(layout)), "m", spec)) << layout.recipe;
  }
}

TEST(BadTensors, RefuseAMissingOne) {
  expect_refused_everywhere(
      ErrorCode::kMismatch,
      [](StoredModel& model) {
        std::erase_if(model.tensors, [](const StoredTensor& stored) { return stored.name == kMatrix; });
      },
      "tensor \"blocks.1.mlp.proj.weight\" [32, 64] is missing");
}

TEST(BadTensors, RefuseOneTooMany) {
  expect_refused_everywhere(
      ErrorCode::kMismatch,
      [](StoredModel& model) {
        model.tensors.push_back(find(model, kMatrix));
        model.tensors.back().name = "blocks.2.mlp.proj.weight";
      },
      "tensor \"blocks.2.mlp.proj.weight\" [32, 64] is not part of the configured model");
}

TEST(BadTensors, RefuseAnotherShape) {
  expect_refused_everywhere(
      ErrorCode::kMismatch,
      [](StoredModel& model) {
        find(model, kVector).values.shape = {16, 2};
      },
      "tensor \"blocks.0.attn_scale\": shape [32] expected, [16, 2] found");
  expect_refused_everywhere(
      ErrorCode::kMismatch,
      [](StoredModel& model) {  // a whole row less, with its scale
        StoredTensor& matrix = find(model, kMatrix);
        matrix.values = make_tensor(DType::kI8, {31, 64});
        matrix.scales = make_tensor(matrix.scales.dtype, {31});
      },
      "tensor \"blocks.1.mlp.proj.weight\": shape [32, 64] expected, [31, 64] found");
}

TEST(BadTensors, RefuseIntegersInTheirPlace) {
  expect_refused_everywhere(
      ErrorCode::kMismatch,
      [](StoredModel& model) {
        StoredTensor& vector = find(model, kVector);
        vector.original_dtype = DType::kI32;
        vector.values = make_tensor(DType::kI32, {32});
      },
      "tensor \"blocks.0.attn_scale\": a floating dtype expected, int32 found");
}

TEST(BadTensors, RefuseValuesThatAreNotFinite) {
  const auto infinite = [](Tensor& tensor, size_t element) {
    if (tensor.dtype == DType::kF32) {
      tensor.values<uint32_t>()[element] = 0xff800000;
    } else {
      tensor.values<uint16_t>()[element] = 0xfc00;
    }
  };
  expect_refused_everywhere(
      ErrorCode::kCorruptData, [&](StoredModel& model) { infinite(find(model, kVector).values, 7); },
      "tensor \"blocks.0.attn_scale\": element [7] is infinite, finite values expected");
  expect_refused_everywhere(
      ErrorCode::kCorruptData, [&](StoredModel& model) { infinite(find(model, kMatrix).scales, 3); },
      "tensor \"blocks.1.mlp.proj.weight\": scales: element [3] is infinite, finite ones expected");
}

TEST(BadTensors, RefuseValuesThatAreNotFiniteWithoutAConfigurationToo) {
  for (const Layout& layout : layouts()) {
    Artifact artifact = artifact_of(layout);
    Tensor& vector = find(artifact.model, kVector).values;
    std::fill(vector.bytes.begin(), vector.bytes.end(), std::byte{0xff});
    EXPECT_GOLF_ERROR(load_model(encode_artifact(artifact), "m", std::nullopt), ErrorCode::kCorruptData,
                      "m: tensor \"blocks.0.attn_scale\": element [0] is nan");
  }
}

TEST(BadTensors, RefuseIntegersOutsideTheirRange) {
  for (const Layout& layout : layouts()) {
    if (layout.recipe == "baseline-int8") continue;  // a byte holds nothing else
    SCOPED_TRACE(layout.recipe);
    Artifact artifact = artifact_of(layout);
    // The layouts of PRs 88 and 192 say it themselves, of the first value, the others of the whole tensor.
    find(artifact.model, kMatrix).values.values<int8_t>()[5] = 77;
    if (layout.recipe == "pr88") {
      EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kCorruptData,
                        "tensor \"blocks.1.mlp.proj.weight\": value 77 found, clip_range 31");
      continue;
    }
    const std::string part =
        layout.recipe == "pr192" ? "value 77 found" : "to 77 found, int6 holds -32 to 31";
    EXPECT_GOLF_ERROR(load_model(encode_artifact(artifact), "m", std::nullopt), ErrorCode::kCorruptData,
                      "tensor \"blocks.1.mlp.proj.weight\": ");
    EXPECT_GOLF_ERROR(load_model(encode_artifact(artifact), "m", std::nullopt), ErrorCode::kCorruptData,
                      part);
  }
}

}  // namespace
}  // namespace golf
