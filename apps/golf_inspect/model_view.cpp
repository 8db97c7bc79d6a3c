#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "golf/artifact/spec/model_summary.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf_inspect/views.h"

namespace golf {
namespace {

constexpr uint64_t kFloatBytes = 4;

struct Group {
  std::string name;
  uint64_t tensors = 0;
  uint64_t parameters = 0;
};

std::vector<Group> groups_of(const std::vector<TensorInfo>& inventory) {
  std::vector<Group> groups;
  for (const TensorInfo& row : inventory) {
    const std::string_view name = role_name(row.role);
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const Group& other) { return other.name == name; });
    if (group == groups.end()) group = groups.insert(group, {.name = std::string(name)});
    ++group->tensors;
    group->parameters += static_cast<uint64_t>(element_count(row.shape));
  }
  return groups;
}

/// What a recipe makes of the model.
struct RecipeSize {
  std::string name = {};
  std::string codec = {};
  uint64_t stored_bytes = 0;   ///< before the codec, an integer a byte
  uint64_t at_bits_bytes = 0;  ///< with each integer at its bits
};

/// Integers below 8 bits leave unused bits in their bytes, which any codec takes out.
uint64_t unused_bits(const StoredTensor& stored) {
  if (stored.encoding == Encoding::kPassthrough) return 0;
  return static_cast<uint64_t>(8 - stored.bits) * static_cast<uint64_t>(stored.values.elements());
}

/// The built-in recipes whose sizes the model alone tells: not those whose steps follow from a budget.
std::vector<QuantRecipe> sized_recipes() {
  std::vector<QuantRecipe> recipes;
  for (const QuantRecipe& recipe : builtin_recipes()) {
    const bool has_tunable_step =
        std::any_of(recipe.rules.begin(), recipe.rules.end(),
                    [](const QuantRule& rule) { return parse_scheme(rule.scheme).has_tunable_step(); });
    if (!has_tunable_step) recipes.push_back(recipe);
  }
  return recipes;
}

/// In the order of sized_recipes(). A scheme's size depends on name, dtype and shape only, so zeros tell
/// it; one tensor at a time, because all of them would take as much memory as the model.
std::vector<RecipeSize> recipe_sizes(const std::vector<TensorInfo>& inventory, int threads) {
  const std::vector<QuantRecipe> recipes = sized_recipes();
  std::vector<uint64_t> bytes(recipes.size() * inventory.size());
  std::vector<uint64_t> unused(bytes.size());
  parallel_for(inventory.size(), threads, [&](size_t i) {
    TensorSet one;
    one.add(inventory[i].name, make_tensor(DType::kF32, inventory[i].shape));
    for (size_t r = 0; r < recipes.size(); ++r) {
      const StoredModel model = quantize(one, recipes[r], {.overrides = {}, .threads = 1, .progress = {}});
      bytes[r * inventory.size() + i] = model.payload_bytes();
      for (const StoredTensor& tensor : model.tensors)
        unused[r * inventory.size() + i] += unused_bits(tensor);
    }
  });
  std::vector<RecipeSize> sizes(recipes.size());
  for (size_t r = 0; r < sizes.size(); ++r) {
    sizes[r].name = recipes[r].name;
    sizes[r].codec = recipes[r].codec;
    const auto total = [&](const std::vector<uint64_t>& parts) {
      const auto first = parts.begin() + static_cast<std::ptrdiff_t>(r * inventory.size());
      return std::accumulate(first, first + static_cast<std::ptrdiff_t>(inventory.size()), uint64_t{0});
    };
    sizes[r].stored_bytes = total(bytes);
    sizes[r].at_bits_bytes = sizes[r].stored_bytes - total(unused) / 8;
  }
  return sizes;
}

/// Features, layer plan and lanes; nothing of a model that has none of them.
std::string model_lines(const ModelConfig& model) {
  const auto lines = summarize_model(model);
  if (lines.size() == 1) return {};
  size_t width = 0;
  for (const auto& [key, value] : lines) width = std::max(width, key.size());
  std::string text = "\n";
  for (const auto& [key, value] : lines) text += fmt::format("{:<{}}  {}\n", key, width, value);
  return text;
}

}  // namespace

std::string model_text(const std::string& name, const ModelSpec& spec, int threads, const Style& style) {
  const std::vector<TensorInfo> inventory = tensor_inventory(spec.model);
  std::string text = fmt::format("{}: {} parameters in {} tensors\n", printable(name),
                                 with_separators(parameter_count(spec.model)), inventory.size());
  text += model_lines(spec.model) + "\n";
  TextTable table({{"group", Align::kLeft}, {"tensors"}, {"parameters"}, {"float32 bytes"}});
  uint64_t total = 0;
  for (const Group& group : groups_of(inventory)) {
    table.add({group.name, with_separators(group.tensors), with_separators(group.parameters),
               with_separators(group.parameters * kFloatBytes)});
    total += group.parameters;
  }
  table.add_rule();
  table.add({"total", with_separators(inventory.size()), with_separators(total),
             with_separators(total * kFloatBytes)});
  text += table.render(style) + "\n";

  TextTable table_of_sizes({{"recipe", Align::kLeft},
                            {"bytes before codec"},
                            {"at their bits"},
                            {"bits/weight"},
                            {"codec", Align::kLeft, Fit::kWhole, 1}});
  const std::vector<RecipeSize> sizes = recipe_sizes(inventory, threads);
  for (size_t r = 0; r < sizes.size(); ++r) {
    table_of_sizes.add({sizes[r].name, with_separators(sizes[r].stored_bytes),
                        with_separators(sizes[r].at_bits_bytes),
                        fmt::format("{:.2f}", 8.0 * static_cast<double>(sizes[r].at_bits_bytes) /
                                                  static_cast<double>(total)),
                        sizes[r].codec});
  }
  return text + table_of_sizes.render(style) +
         "before any training: at their bits is about what a codec makes of integers\n"
         "that use their whole range; those of trained weights do not, and take less\n";
}

Json model_json(const std::string& name, const ModelSpec& spec, int threads) {
  const std::vector<TensorInfo> inventory = tensor_inventory(spec.model);
  Json json = Json::object();
  json["schema"] = "golf.model/1";
  json["name"] = name;
  json["parameters"] = parameter_count(spec.model);
  json["model_spec"] = to_json(spec);
  json["model"] = model_summary_json(spec.model);
  Json tensors = Json::array();
  for (const TensorInfo& row : inventory) {
    Json tensor = Json::object();
    tensor["name"] = row.name;
    Json shape = Json::array();
    for (const int64_t size : row.shape) shape.push_back(size);
    tensor["shape"] = std::move(shape);
    tensor["group"] = role_name(row.role);
    tensors.push_back(std::move(tensor));
  }
  json["tensors"] = std::move(tensors);
  Json recipes = Json::array();
  const std::vector<RecipeSize> sizes = recipe_sizes(inventory, threads);
  for (size_t r = 0; r < sizes.size(); ++r) {
    Json recipe = Json::object();
    recipe["name"] = sizes[r].name;
    recipe["bytes_before_codec"] = sizes[r].stored_bytes;
    recipe["bytes_at_bits"] = sizes[r].at_bits_bytes;
    recipes.push_back(std::move(recipe));
  }
  json["recipes"] = std::move(recipes);
  return json;
}

}  // namespace golf
