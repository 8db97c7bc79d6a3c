#pragma once

#include <cstdint>
#include <string_view>

#include "golf/artifact/spec/initial_values.h"
#include "golf/artifact/spec/tensor_roles.h"
#include "golf/artifact/tensor/tensor.h"

namespace golf {

struct ModelConfig;
class FeatureSettings;

/// Where a parameter stands in the state dict. torch lists a module's own parameters first, then its children
/// in the order of their construction; parameters of one site are ordered by rank.
enum class Site {
  kWrapper,     ///< of a module that holds the whole transformer (FeatureDeclaration::wrapper)
  kFirst,       ///< the transformer's own parameters
  kBanksFirst,  ///< matrices with TensorOrder::kBanksFirst
  kOwn,         ///< the transformer's own parameters
  kBanks,       ///< matrices with TensorOrder::kByBank
  kEmbedding,   ///< children from here on
  kAfterEmbedding,
  kBlocks,  ///< block by block; the rank orders a block's parameters
  kAfterBlocks,
  kHead,
  kLast,
  kWrapperLast,  ///< children of the wrapper that follow the transformer
};
struct Place {
  Site site;
  int64_t rank = 0;
};

/// Everything about a parameter but its size. Inventory, initial values, optimizer groups and recipes read
/// these rows; nothing else knows a parameter by name.
struct ParameterKind {
  std::string_view name;  ///< "{}" stands for the block's number, or counts up to `count`
  TensorRole role;
  Place place;
  InitialValue initial;
  /// Which optimizer trains it: "embedding", "head", "matrices" (Muon), "controls", "side_table" and
  /// "side_projection" (the training configuration says where these belong), "none", or a group of the
  /// feature's own that can be given settings.
  std::string_view group;
  Shape (*shape)(const ModelConfig&, const FeatureSettings&);
  bool (*present)(const ModelConfig&, const FeatureSettings&) = nullptr;   ///< null: always
  int64_t (*count)(const ModelConfig&, const FeatureSettings&) = nullptr;  ///< null: one for each block
  bool keep_float = false;  ///< one of upstream's control tensors, which stay floats in every recipe
};

}  // namespace golf
