#pragma once

#include <cstddef>
#include <cstdint>

namespace golf {

/// What the encoder of codec golf tries at a compression level. Decoders need none of this: streams say what
/// they contain.
struct CompressionLevel {
  int max_lane_log;    ///< lanes at most, as a logarithm: many decode fast, few cost fewer bytes
  bool column_scales;  ///< scales of columns, all distribution shapes, escape mass
  bool absmax;         ///< absmax symbols, and both orientations of tensors without prediction
  bool predict;        ///< linear prediction by the covariance
  /// Prediction must save more than 1/2^n of the bits; 0: anything. It takes longer to decode.
  int least_saving_log;
  bool small_blocks;      ///< blocks of 8 rows where values are predicted; otherwise what suits NumPy
  bool smallest_blocks;   ///< blocks of 2 rows in small tensors
  bool several_priors;    ///< more than one weight of the prior
  bool all_predictions;   ///< both orientations, and prediction by the inverse covariance
  bool relate_tensors;    ///< reference tensors and carried statistics
  int max_row_matches;    ///< earlier rows that a row may refer to
  size_t probe_columns;   ///< columns by which rows are compared first
  uint64_t stream_bytes;  ///< a new stream begins when one would pass this
};

inline constexpr int kMinCompressionLevel = 1;
inline constexpr int kMaxCompressionLevel = 9;
/// The highest level without prediction: for streams that no reader would let predict so much.
inline constexpr int kUnpredictedLevel = 2;
/// The highest level whose streams the Python decoder reads fast; those above use what only a search finds.
inline constexpr int kFastPythonLevel = 3;

/// @throws Error kInvalidArgument for a level that there is not
const CompressionLevel& compression_level(int level);

}  // namespace golf
