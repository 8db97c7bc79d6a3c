#pragma once

namespace golf {

/// What a model's matrices start training as. Those that write to the residual stream start at zero in any
/// case.
///   kUpstream         torch's default for linear layers, uniform in ±1/√fan_in
///   kOrthogonal       orthogonal (PRs 192, 262)
///   kOrthogonalBanks  orthogonal, drawn in the order of PR 993's parameter banks
enum class MatrixInit { kUpstream, kOrthogonal, kOrthogonalBanks };

}  // namespace golf
