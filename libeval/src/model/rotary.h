#pragma once

#include <torch/types.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

namespace golf {

/// Angles of the rotary position embedding: position t and pair i have θ = t · base^(−2i/2R), 2R
/// the components that turn: the leading ones of each head, by default all K. Positions start at 0 in every
/// sequence.
struct RotaryAngles {
  torch::Tensor cos_TR;  ///< float32 [T, R]
  torch::Tensor sin_TR;

  /// Those of the positions from `first` on.
  RotaryAngles from(int64_t first) const {
    return first == 0 ? *this : RotaryAngles{cos_TR.slice(0, first), sin_TR.slice(0, first)};
  }
};

/// The base for sequences of `length` tokens: beyond the reference length T₀ of an NTK-rescaled embedding it
/// grows by (length/T₀)^(2R/(2R−2)) for 2R turning components (PRs 262, 993).
double rotary_base(double base, int64_t dims, std::optional<int64_t> ntk_reference_length, int64_t length);

/// Computes the angles of each length, reach and device once and keeps them: the recording of a CUDA graph
/// reads them by address (StepGraph). May be asked from several threads at once.
class RotaryTable {
 public:
  struct Settings {
    int64_t dims;  ///< leading components of each head that turn
    double base;
    std::optional<int64_t> ntk_reference_length = {};
  };
  explicit RotaryTable(const Settings& settings) : settings_(settings) {}
  /// @param reach  positions that each can attend to, for which the base is made; 0: `length`
  RotaryAngles angles(int64_t length, torch::Device device, int64_t reach = 0);

 private:
  Settings settings_;
  std::mutex mutex_;  ///< guards angles_
  std::map<std::tuple<int64_t, int64_t, std::string>, RotaryAngles> angles_;
};

}  // namespace golf
