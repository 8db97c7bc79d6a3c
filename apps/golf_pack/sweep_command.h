#pragma once

#include "common/command_line.h"
#include "common/exit_code.h"
#include "golf_pack/external_eval.h"
#include "golf_pack/pack_command.h"

namespace golf {

/// What `golf-pack sweep CHECKPOINT …` was asked for: options of a pack, which levels, what to measure on.
struct SweepOptions {
  PackOptions pack;
  double finest = 0.0625;
  double coarsest = 1.0;
  int64_t points = 9;
  EvalText text;    ///< without data: nothing is measured
  std::string svg;  ///< picture to write; empty: none
};

/// Packs a checkpoint at several levels, writing no artifact, and shows bytes against error and, with text,
/// against what golf-eval measures.
ExitCode sweep_command(const SweepOptions& options, const CommonOptions& common);

}  // namespace golf
