#include "golf_inspect/model_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/spec/tensor_inventory.h"

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

/// A scheme's size depends on name, dtype and shape only, so zeros tell it; one tensor at a time, because all
/// of them would take as much memory as the model.
std::vector<uint64_t> stored_bytes(const std::vector<TensorInfo>& inventory, int threads) {
  const auto recipes = builtin_recipes();
  std::vector<uint64_t> bytes(recipes.size() * inventory.size());
  parallel_for(inventory.size(), threads, [&](size_t i) {
    TensorSet one;
    one.add(inventory[i].name, make_tensor(DType::kF32, inventory[i].shape));
    for (size_t r = 0; r < recipes.size(); ++r) {
      bytes[r * inventory.size() + i] =
          quantize(one, recipes[r], {.overrides = {}, .threads = 1, .progress = {}}).payload_bytes();
    }
  });
  std::vector<uint64_t> totals(recipes.size());
  for (size_t i = 0; i < bytes.size(); ++i) totals[i / inventory.size()] += bytes[i];
  return totals;
}

}  // namespace

std::string model_text(const std::string& name, const ModelSpec& spec, int threads, const Style& style) {
  const std::vector<TensorInfo> inventory = tensor_inventory(spec.model);
  std::string text =
      fmt::format("{}: {} parameters in {} tensors\n\n", printable(name),
                  with_separators(static_cast<uint64_t>(parameter_count(spec.model))), inventory.size());
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

  TextTable sizes(
      {{"recipe", Align::kLeft}, {"bytes before codec"}, {"bits/weight"}, {"codec", Align::kLeft}});
  const std::vector<uint64_t> bytes = stored_bytes(inventory, threads);
  for (size_t r = 0; r < bytes.size(); ++r) {
    const QuantRecipe& recipe = builtin_recipes()[r];
    sizes.add({recipe.name, with_separators(bytes[r]),
               fmt::format("{:.2f}", 8.0 * static_cast<double>(bytes[r]) / static_cast<double>(total)),
               recipe.codec});
  }
  // A codec never makes the whole much larger, and trained weights usually a good deal smaller.
  return text + sizes.render(style) + "upper bounds, before any training: the codec takes off more\n";
}

Json model_json(const std::string& name, const ModelSpec& spec, int threads) {
  const std::vector<TensorInfo> inventory = tensor_inventory(spec.model);
  Json json = Json::object();
  json["schema"] = "golf.model/1";
  json["name"] = name;
  json["parameters"] = parameter_count(spec.model);
  json["model_spec"] = to_json(spec);
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
  const std::vector<uint64_t> bytes = stored_bytes(inventory, threads);
  for (size_t r = 0; r < bytes.size(); ++r) {
    Json recipe = Json::object();
    recipe["name"] = builtin_recipes()[r].name;
    recipe["bytes_before_codec"] = bytes[r];
    recipes.push_back(std::move(recipe));
  }
  json["recipes"] = std::move(recipes);
  return json;
}

}  // namespace golf
