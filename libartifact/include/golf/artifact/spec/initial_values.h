#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/tensor/tensor.h"

namespace golf {

struct ModelConfig;

/// What a parameter starts training as. Matrices follow MatrixInit.
struct InitialValue {
  enum class Kind {
    kConstant,     ///< `value`
    kLogit,        ///< ln(value / (1 − value))
    kFirstRowOne,  ///< row 0 is one, the others are zero
    kNormal,       ///< normal with standard deviation `value`
    kEmbedding,    ///< the token matrix: normal, and again with InitConfig::tied_embed_init_std when tied
    kTable,        ///< a lookup table: drawn like an embedding, then normal with deviation `value`
    kMatrix,       ///< a linear layer
    kZeroMatrix,   ///< a linear layer that starts at zero after torch has drawn it
    kSideMatrix,   ///< likewise, but a MatrixInit that makes matrices orthogonal applies
  };
  Kind kind = Kind::kConstant;
  double value = 1.0;
  std::string_view setting = {};    ///< key of InitConfig::settings that overrides `value`
  bool shrinks_with_depth = false;  ///< of kSideMatrix: times 1/√(2 · layers) under MatrixInit::kOrthogonal

  bool operator==(const InitialValue&) const = default;
};

/// What a model's matrices start training as. Those that write to the residual stream start at zero in any
/// case; a side smaller than 64 keeps torch's default.
///   kUpstream                torch's default for linear layers, uniform in ±1/√fan_in
///   kOrthogonal              orthogonal (PRs 192, 262, 1394, 1493)
///   kOrthogonalBanks         orthogonal, drawn block by block for parameter banks (PR 993)
///   kOrthogonalBanksMlpLast  likewise, attention of all blocks before the MLPs (PR 1855)
enum class MatrixInit { kUpstream, kOrthogonal, kOrthogonalBanks, kOrthogonalBanksMlpLast };

struct InitConfig {
  double tied_embed_init_std = 0.005;  ///< of the embedding, when it is also the head
  MatrixInit matrices = MatrixInit::kUpstream;
  int64_t mtp_heads = 0;  ///< train-only heads [V, D] whose draws move the generator on (PR 88)
  /// Values that the training configuration gives, by the name that InitialValue::setting has.
  std::map<std::string, double, std::less<>> settings = {};

  bool operator==(const InitConfig&) const = default;
};

/// One step of giving a model its initial values.
struct InitStep {
  enum class Kind {
    kFill,         ///< with `value`
    kFirstRowOne,  ///< one in row 0, zero elsewhere
    kNormal,       ///< a draw with standard deviation `value`
    kUniform,      ///< a draw: torch's default for linear layers
    kOrthogonal,   ///< a draw, times `value`
  };
  Kind kind;
  std::string parameter;  ///< empty: the draw only moves the generator on
  Shape shape;
  double value = 1.0;
};

/// What a single constant or the start of a row is before any draw; 0 for everything that is drawn.
double constant_value(const InitialValue& initial, const InitConfig& init);
/// The steps in draw order, as the submission's construction and its own pass over the parameters make them.
/// Source: docs/SUBMISSIONS.md, upstream reference and each pull request, Training.
std::vector<InitStep> init_plan(const ModelConfig& config, const InitConfig& init);

}  // namespace golf
