// Bit-for-bit checks of the entries' recipes against what their own programs stored and decoded.
#include <gtest/gtest.h>

#include <algorithm>

#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf {
namespace {

using test::expect_digests;
using test::expect_same_tensors;
using test::reference_tensors;

StoredModel requantize(const TensorSet& tensors, const std::string& recipe_name,
                       int64_t keep_float_max = 65'536) {
  QuantRecipe recipe = load_recipe(recipe_name);
  recipe.keep_float_max = keep_float_max;
  return quantize(tensors, recipe, {});
}

/// The parts under the names that a fixture gives them: prefix, tensor's name, suffix.
struct PartNames {
  std::string kept, values, scales, values_suffix, scales_suffix;
};
TensorSet stored_parts(const StoredModel& model, const PartNames& names) {
  TensorSet parts;
  for (const StoredTensor& stored : model.tensors) {
    if (stored.encoding == Encoding::kPassthrough) {
      parts.add(names.kept + stored.name, stored.values);
    } else {
      parts.add(names.values + stored.name + names.values_suffix, stored.values);
      parts.add(names.scales + stored.name + names.scales_suffix, stored.scales);
    }
  }
  return parts;
}

TensorSet without(const TensorSet& tensors, const std::vector<std::string>& dropped) {
  TensorSet kept;
  for (const auto& [name, tensor] : tensors) {
    if (std::find(dropped.begin(), dropped.end(), name) == dropped.end()) kept.add(name, tensor);
  }
  return kept;
}

/// The tensors of `found` whose names start with `prefix`, without it.
TensorSet under(const TensorSet& tensors, const std::string& prefix) {
  TensorSet inner;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) inner.add(name.substr(prefix.size()), tensor);
  }
  return inner;
}

TEST(ReferenceEntries, StoreAwkwardTensorsAs88Does) {
  GOLF_NEED_REFERENCE_DATA();
  // 88's own decoder cannot take the tensors of other ranks, so its fixture leaves them out.
  const TensorSet input = without(reference_tensors("common/quant_cases_input.safetensors"),
                                  {"blocks.0.attn.vec", "cube", "zeros_cube"});
  const StoredModel stored = requantize(input, "pr88");
  expect_same_tensors(stored_parts(stored, {"passthrough/", "quantized/", "scales/", "", ""}),
                      reference_tensors("common/quant_cases_88.safetensors"));
  expect_same_tensors(dequantize(stored), reference_tensors("common/quant_cases_88_deq.safetensors"));
}

TEST(ReferenceEntries, StoreAwkwardTensorsAs1046Does) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet input = reference_tensors("common/quant_cases_input.safetensors");
  const StoredModel int8 = requantize(input, "pr1046-int8");
  expect_same_tensors(stored_parts(int8, {"passthrough/", "quantized/", "scales/", "", ""}),
                      reference_tensors("common/quant_cases_1046_int8.safetensors"));
  expect_same_tensors(dequantize(int8), reference_tensors("common/quant_cases_1046_int8_deq.safetensors"));
  const StoredModel int6 = requantize(input, "pr1046");
  expect_same_tensors(stored_parts(int6, {"w/", "w/", "w/", ".q", ".s"}),
                      reference_tensors("common/quant_cases_1046_int6.safetensors"));
  expect_same_tensors(dequantize(int6), reference_tensors("common/quant_cases_1046_int6_deq.safetensors"));
}

TEST(ReferenceEntries, StoreAwkwardTensorsAs192And262Do) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet input = reference_tensors("pr192-pr262/quant_unit_in.safetensors");
  const TensorSet out192 = reference_tensors("pr192/quant_unit_out.safetensors");
  const TensorSet out262 = reference_tensors("pr262/quant_unit_out.safetensors");
  const auto but_decoded = [](const TensorSet& all) {
    TensorSet parts;
    for (const auto& [name, tensor] : all) {
      if (!name.starts_with("d|")) parts.add(name, tensor);
    }
    return parts;
  };
  const StoredModel stored192 = requantize(input, "pr192");
  expect_same_tensors(stored_parts(stored192, {"p|", "q|", "s|", "", ""}), but_decoded(out192));
  expect_same_tensors(dequantize(stored192), under(out192, "d|"));
  const StoredModel stored262 = requantize(input, "pr262");
  expect_same_tensors(stored_parts(stored262, {"w|", "w|", "w|", ".q", ".scale"}), but_decoded(out262));
  expect_same_tensors(dequantize(stored262), under(out262, "d|"));
}

TEST(ReferenceEntries, RequantizeTheirTrainedModels) {
  GOLF_NEED_REFERENCE_DATA();
  for (const std::string entry : {"pr88", "pr192", "pr262", "pr1046", "pr1046-int8"}) {
    const std::string folder = entry.substr(0, entry.find('-'));
    const TensorSet weights = reference_tensors(folder + "/final.safetensors");
    expect_digests(dequantize(requantize(weights, entry)), folder + "/dequantized.sha256.json");
    if (entry == "pr88" || entry == "pr1046") {
      expect_digests(dequantize(requantize(weights, entry, 4'096)),
                     folder + "/dequantized_t4096.sha256.json");
    }
  }
}

TEST(ReferenceEntries, RequantizeThe993ModelsWithTheirBanks) {
  GOLF_NEED_REFERENCE_DATA();
  const auto restored = [](const std::string& file) {
    const TensorSet weights = reference_tensors(file);
    return join_banks(dequantize(requantize(split_banks(weights), "pr993")), bank_names(weights));
  };
  expect_digests(restored("pr993/final.safetensors"), "pr993/dequantized.sha256.json");
  expect_digests(restored("pr993/wide/input.safetensors"), "pr993/wide/dequantized_noprune.sha256.json");
}

}  // namespace
}  // namespace golf
