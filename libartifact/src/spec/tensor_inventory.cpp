#include "golf/artifact/spec/tensor_inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/spec/feature_declaration.h"
#include "golf/artifact/spec/parameter_banks.h"

namespace golf {
namespace {

/// Collects the rows of all declarations and sorts them as torch lists them.
class InventoryBuilder {
 public:
  explicit InventoryBuilder(const ModelConfig& config) : config_(config), prefix_(parameter_prefix(config)) {}

  std::vector<TensorInfo> build() {
    for (const ParameterKind& kind : transformer_parameters()) add(kind, {});
    for (const auto& [name, settings] : config_.features) {
      for (const ParameterKind& kind : find_feature(name).parameters) add(kind, settings);
    }
    std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
    std::vector<TensorInfo> infos;
    for (Row& row : rows_) infos.push_back(std::move(row.info));
    return infos;
  }

 private:
  struct Row {
    std::tuple<Site, int64_t, int64_t, int64_t> key;  ///< site, block, rank, number
    TensorInfo info;
  };

  void add(const ParameterKind& kind, const FeatureSettings& settings) {
    if (kind.present != nullptr && !kind.present(config_, settings)) return;
    const size_t number = kind.name.find("{}");
    if (number == std::string_view::npos) return add_one(kind, settings, std::string(kind.name), 0);
    const int64_t count = kind.count == nullptr ? config_.num_layers : kind.count(config_, settings);
    for (int64_t i = 0; i < count; ++i) {
      std::string name(kind.name);
      name.replace(number, 2, std::to_string(i));
      add_one(kind, settings, std::move(name), i);
    }
  }

  void add_one(const ParameterKind& kind, const FeatureSettings& settings, std::string name, int64_t number) {
    const bool inside = kind.place.site != Site::kWrapper && kind.place.site != Site::kWrapperLast;
    Row row{.key = key_of(kind, name, number),
            .info = {.name = (inside ? prefix_ : "") + name,
                     .shape = kind.shape(config_, settings),
                     .role = kind.role,
                     .initial = kind.initial,
                     .group = kind.group}};
    rows_.push_back(std::move(row));
  }

  std::tuple<Site, int64_t, int64_t, int64_t> key_of(const ParameterKind& kind, const std::string& name,
                                                     int64_t number) const {
    const auto [site, rank] = kind.place;
    if (const auto place = bank_place(name); place && config_.tensor_order != TensorOrder::kByLayer) {
      const bool first = config_.tensor_order == TensorOrder::kBanksFirst;
      return {first ? Site::kBanksFirst : Site::kBanks, place->bank, number, place->member};
    }
    if (site == Site::kBlocks) return {site, number, rank, 0};
    return {site, 0, rank, number};
  }

  const ModelConfig& config_;
  std::string prefix_;
  std::vector<Row> rows_;
};

}  // namespace

std::vector<TensorInfo> tensor_inventory(const ModelConfig& config) {
  return InventoryBuilder(config).build();
}

std::string parameter_prefix(const ModelConfig& config) {
  std::string prefix;
  for (const auto& [name, settings] : config.features) {
    if (const std::string_view wrapper = find_feature(name).wrapper; !wrapper.empty()) {
      prefix = std::string(wrapper) + ".";
    }
  }
  return prefix;
}

int64_t effective_parameter_count(const ModelConfig& config) {
  const LayerPlan plan = layer_plan(config);
  int64_t count = 0;
  for (const TensorInfo& row : tensor_inventory(config)) {
    const int64_t block = layer_of(row.name);
    count += element_count(row.shape) * (block < 0 ? 1 : plan.calls_of(block));
  }
  return count;
}

std::vector<std::string> tensor_names(const ModelConfig& config) {
  std::vector<std::string> names;
  for (TensorInfo& row : tensor_inventory(config)) names.push_back(std::move(row.name));
  return names;
}

int64_t parameter_count(const ModelConfig& config) {
  int64_t count = 0;
  for (const TensorInfo& row : tensor_inventory(config)) count += element_count(row.shape);
  return count;
}

TensorSet without_train_only(TensorSet tensors) {
  TensorSet kept;
  kept.metadata = std::move(tensors.metadata);
  for (auto& [name, tensor] : tensors) {
    if (!is_train_only_name(name)) kept.add(name, std::move(tensor));
  }
  return kept;
}

void check_against_inventory(const TensorSet& tensors, const ModelConfig& config) {
  const std::vector<TensorInfo> inventory = tensor_inventory(config);
  for (const TensorInfo& row : inventory) {
    const Tensor* tensor = tensors.find(row.name);
    if (tensor == nullptr) {
      fail(ErrorCode::kMismatch,
           fmt::format("tensor \"{}\" {} is missing: give the model configuration it was made with", row.name,
                       to_string(row.shape)));
    }
    if (tensor->shape != row.shape) {
      fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\": shape {} expected, {} found", row.name,
                                             to_string(row.shape), to_string(tensor->shape)));
    }
    if (!is_floating(tensor->dtype)) {
      fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\": a floating dtype expected, {} found", row.name,
                                             torch_name(tensor->dtype)));
    }
  }
  if (tensors.size() == inventory.size()) return;
  for (const auto& entry : tensors) {
    const bool known = std::any_of(inventory.begin(), inventory.end(),
                                   [&](const auto& row) { return row.name == entry.name; });
    if (!known) {
      fail(ErrorCode::kMismatch,
           fmt::format("tensor \"{}\" {} is not part of the configured model: drop it or fix the "
                       "configuration",
                       printable(entry.name), to_string(entry.tensor.shape)));
    }
  }
}

void check_finite(const TensorSet& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (const auto odd = non_finite_element(tensor)) {
      fail(ErrorCode::kCorruptData,
           fmt::format("tensor \"{}\": {}, finite values expected", printable(name), *odd));
    }
  }
}

}  // namespace golf
