// Bit-for-bit checks of recipe baseline-int8 against what the reference's own program stored and decoded.
#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "support/reference_data.h"

namespace golf {
namespace {

TensorSet read_tensors(const std::string& name) {
  const std::string path = test::reference_data() + "/" + name;
  return parse_safetensors(read_file(path), path);
}

void expect_equal(const TensorSet& found, const TensorSet& expected) {
  EXPECT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    const Tensor* other = found.find(name);
    ASSERT_NE(other, nullptr) << name;
    EXPECT_EQ(other->dtype, tensor.dtype) << name;
    EXPECT_EQ(other->shape, tensor.shape) << name;
    EXPECT_TRUE(other->bytes == tensor.bytes) << name;
  }
}

TEST(ReferenceInt8, StoresAwkwardTensorsToTheBit) {
  GOLF_NEED_REFERENCE_DATA();
  const StoredModel stored =
      quantize(read_tensors("common/quant_cases_input.safetensors"), load_recipe("baseline-int8"), {});
  // The fixture's names say in which dictionary of the artifact a tensor lies.
  TensorSet parts;
  for (const StoredTensor& tensor : stored.tensors) {
    if (tensor.encoding == Encoding::kPassthrough) {
      parts.add("passthrough/" + tensor.name, tensor.values);
    } else {
      parts.add("quantized/" + tensor.name, tensor.values);
      parts.add("scales/" + tensor.name, tensor.scales);
    }
  }
  expect_equal(parts, read_tensors("common/quant_cases_base.safetensors"));
  expect_equal(dequantize(stored), read_tensors("common/quant_cases_base_deq.safetensors"));
}

TEST(ReferenceInt8, RequantizesTheTrainedModelToTheBitAtBothLimits) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet weights = read_tensors("reference/final.safetensors");
  QuantRecipe recipe = load_recipe("baseline-int8");
  EXPECT_EQ(recipe.keep_float_max, 65'536);
  expect_equal(dequantize(quantize(weights, recipe, {})), read_tensors("reference/dequantized.safetensors"));
  recipe.keep_float_max = 4'096;
  expect_equal(dequantize(quantize(weights, recipe, {})),
               read_tensors("reference/dequantized_t4096.safetensors"));
}

}  // namespace
}  // namespace golf
