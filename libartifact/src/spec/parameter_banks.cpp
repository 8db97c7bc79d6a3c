#include "golf/artifact/spec/parameter_banks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

struct Bank {
  std::string_view name;
  std::array<std::string_view, 2> members;  ///< the second is empty where layers have one matrix
  size_t per_layer() const { return members[1].empty() ? 1 : 2; }
  std::string member(size_t layer, size_t which) const {
    return fmt::format("blocks.{}.{}.weight", layer, members.at(which));
  }
};

constexpr std::array<Bank, 4> kBanks = {{{"qo_bank", {"attn.c_q", "attn.proj"}},
                                         {"kv_bank", {"attn.c_k", "attn.c_v"}},
                                         {"mlp_up_bank", {"mlp.fc", ""}},
                                         {"mlp_down_bank", {"mlp.proj", ""}}}};

const Bank* find_bank(std::string_view name) {
  for (const Bank& bank : kBanks) {
    if (bank.name == name) return &bank;
  }
  return nullptr;
}

void split_bank(const Bank& bank, const Tensor& tensor, TensorSet& split) {
  const size_t per_layer = bank.per_layer();
  // A matrix without elements would let a few bytes claim any number of layers.
  if (tensor.rank() != 3 || static_cast<size_t>(tensor.shape[0]) % per_layer != 0 ||
      static_cast<uint64_t>(tensor.shape[0]) > limits::kTensors) {
    fail(ErrorCode::kMismatch,
         fmt::format("tensor \"{}\": {} expected, {} found", bank.name,
                     per_layer == 2 ? "a stack of an even number of matrices" : "a stack of matrices",
                     to_string(tensor.shape)));
  }
  const size_t layers = static_cast<size_t>(tensor.shape[0]) / per_layer;
  const Shape shape(tensor.shape.begin() + 1, tensor.shape.end());
  const size_t size = dtype_size(tensor.dtype) * static_cast<size_t>(element_count(shape));
  for (size_t layer = 0; layer < layers; ++layer) {
    for (size_t which = 0; which < per_layer; ++which) {
      const auto first = tensor.bytes.begin() + static_cast<std::ptrdiff_t>((which * layers + layer) * size);
      split.add(bank.member(layer, which),
                {tensor.dtype, shape, Bytes(first, first + static_cast<std::ptrdiff_t>(size))});
    }
  }
}

const Bank& known_bank(std::string_view name) {
  if (const Bank* bank = find_bank(name)) return *bank;
  fail(ErrorCode::kUnsupported,
       fmt::format("parameter bank \"{}\": {} are known: a newer tool is needed",
                   printable(std::string(name)), "qo_bank, kv_bank, mlp_up_bank and mlp_down_bank"));
}

/// The names of a bank's matrices, in the order in which the bank holds them.
std::vector<std::string> member_names(const Bank& bank, size_t layers) {
  std::vector<std::string> names;
  for (size_t which = 0; which < bank.per_layer(); ++which) {
    for (size_t layer = 0; layer < layers; ++layer) names.push_back(bank.member(layer, which));
  }
  return names;
}

/// How many layers have a matrix of the bank's first kind. @param has  whether there is a tensor of a name
template <class Has>
size_t count_layers(const Bank& bank, const Has& has) {
  size_t layers = 0;
  while (has(bank.member(layers, 0))) ++layers;
  return layers;
}

Tensor join_bank(const Bank& bank, const TensorSet& tensors, const std::vector<std::string>& members) {
  const Tensor* first = nullptr;
  Tensor joined;
  for (const std::string& name : members) {
    const Tensor* member = tensors.find(name);
    if (member == nullptr) {
      fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\" of {} is missing", name, bank.name));
    }
    if (first == nullptr) {
      first = member;
      joined = {first->dtype, first->shape, {}};
      joined.shape.insert(joined.shape.begin(), static_cast<int64_t>(members.size()));
    }
    if (member->shape != first->shape || member->dtype != first->dtype) {
      fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\": {} {} expected for {}, {} {} found", name,
                                             torch_name(first->dtype), to_string(first->shape), bank.name,
                                             torch_name(member->dtype), to_string(member->shape)));
    }
    joined.bytes.insert(joined.bytes.end(), member->bytes.begin(), member->bytes.end());
  }
  return joined;
}

/// Whether the bank's matrices, all of them, stand in `names` as split_bank() adds them.
bool stands_in_order(const Bank& bank, std::span<const std::string> names,
                     const std::unordered_map<std::string, size_t>& places) {
  const auto has = [&](const std::string& name) { return places.contains(name); };
  const size_t layers = count_layers(bank, has);
  if (layers == 0) return false;
  size_t at = places.at(bank.member(0, 0));
  for (size_t layer = 0; layer < layers; ++layer) {
    for (size_t which = 0; which < bank.per_layer(); ++which, ++at) {
      if (at == names.size() || names[at] != bank.member(layer, which)) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<BankPlace> bank_place(std::string_view name) {
  constexpr std::string_view kBlocks = "blocks.", kWeight = ".weight";
  if (!name.starts_with(kBlocks) || !name.ends_with(kWeight)) return std::nullopt;
  name.remove_prefix(kBlocks.size());
  name.remove_suffix(kWeight.size());
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  name.remove_prefix(dot + 1);
  for (size_t bank = 0; bank < kBanks.size(); ++bank) {
    for (size_t member = 0; member < kBanks[bank].per_layer(); ++member) {
      if (kBanks[bank].members[member] == name) {
        return BankPlace{static_cast<int64_t>(bank), static_cast<int64_t>(member)};
      }
    }
  }
  return std::nullopt;
}

TensorSet split_banks(TensorSet tensors) {
  TensorSet split;
  split.metadata = std::move(tensors.metadata);
  for (auto& [name, tensor] : tensors) {
    if (const Bank* bank = find_bank(name)) {
      split_bank(*bank, tensor, split);
    } else {
      split.add(name, std::move(tensor));
    }
  }
  return split;
}

std::vector<std::string> bank_names(const TensorSet& tensors) {
  std::vector<std::string> names;
  for (const Bank& bank : kBanks) {
    if (tensors.contains(std::string(bank.name))) names.emplace_back(bank.name);
  }
  return names;
}

TensorSet join_banks(TensorSet tensors, const std::vector<std::string>& banks) {
  std::unordered_map<std::string, const Bank*> bank_of;  // by the name of each matrix
  std::unordered_map<std::string, Tensor> joined_banks;  // by the name of the first matrix
  for (const std::string& name : banks) {
    const Bank& bank = known_bank(name);
    const size_t layers = std::max<size_t>(
        1, count_layers(bank, [&](const std::string& member) { return tensors.contains(member); }));
    const std::vector<std::string> members = member_names(bank, layers);
    joined_banks.emplace(members.front(), join_bank(bank, tensors, members));
    for (const std::string& member : members) bank_of.emplace(member, &bank);
  }
  TensorSet joined;
  joined.metadata = std::move(tensors.metadata);
  for (auto& [name, tensor] : tensors) {
    const auto bank = bank_of.find(name);
    if (bank == bank_of.end()) {
      joined.add(name, std::move(tensor));
    } else if (const auto first = joined_banks.find(name); first != joined_banks.end()) {
      joined.add(std::string(bank->second->name), std::move(first->second));
    }
  }
  return joined;
}

std::vector<std::string> banks_by_order(std::span<const std::string> names) {
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < names.size(); ++i) places.emplace(names[i], i);
  std::vector<std::string> found;
  for (const Bank& bank : kBanks) {
    if (stands_in_order(bank, names, places)) found.emplace_back(bank.name);
    // A model of one layer has its MLP's matrices side by side anyway.
    if (found.empty()) return {};
  }
  return found;
}

std::vector<std::string> bank_matrices(std::string_view bank) {
  const Bank& known = known_bank(bank);
  std::vector<std::string> matrices;
  for (size_t which = 0; which < known.per_layer(); ++which) matrices.emplace_back(known.members.at(which));
  return matrices;
}

}  // namespace golf
