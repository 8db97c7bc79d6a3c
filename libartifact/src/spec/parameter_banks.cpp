#include "golf/artifact/spec/parameter_banks.h"

#include <fmt/format.h>

#include <array>
#include <unordered_set>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"

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

Tensor join_bank(const Bank& bank, const TensorSet& tensors) {
  size_t layers = 0;
  while (tensors.contains(bank.member(layers, 0))) ++layers;
  const Tensor& first = tensors.at(bank.member(0, 0));
  Tensor joined{first.dtype, first.shape, {}};
  joined.shape.insert(joined.shape.begin(), static_cast<int64_t>(layers * bank.per_layer()));
  for (size_t which = 0; which < bank.per_layer(); ++which) {
    for (size_t layer = 0; layer < layers; ++layer) {
      const std::string name = bank.member(layer, which);
      const Tensor& member = tensors.at(name);
      if (member.shape != first.shape || member.dtype != first.dtype) {
        fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\": {} {} expected for {}, {} {} found", name,
                                               torch_name(first.dtype), to_string(first.shape), bank.name,
                                               torch_name(member.dtype), to_string(member.shape)));
      }
      joined.bytes.insert(joined.bytes.end(), member.bytes.begin(), member.bytes.end());
    }
  }
  return joined;
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

TensorSet join_banks(TensorSet tensors) {
  TensorSet joined;
  joined.metadata = tensors.metadata;
  std::unordered_set<std::string> members;
  for (const Bank& bank : kBanks) {
    for (size_t layer = 0; tensors.contains(bank.member(layer, 0)); ++layer) {
      for (size_t which = 0; which < bank.per_layer(); ++which) members.insert(bank.member(layer, which));
    }
  }
  for (const auto& [name, tensor] : tensors) {
    for (const Bank& bank : kBanks) {
      if (name == bank.member(0, 0)) joined.add(std::string(bank.name), join_bank(bank, tensors));
    }
    if (!members.contains(name)) joined.add(name, tensor);
  }
  return joined;
}

}  // namespace golf
