#pragma once

#include "common/command_line.h"
#include "common/exit_code.h"
#include "golf_pack/pack_command.h"

namespace golf {

/// What `golf-pack sweep CHECKPOINT …` was asked for: options of a pack, and which levels.
struct SweepOptions {
  PackOptions pack;
  double finest = 0.0625;
  double coarsest = 1.0;
  int64_t points = 9;
};

/// Packs a checkpoint at several levels, writing nothing, and shows bytes against the predicted error.
ExitCode sweep_command(const SweepOptions& options, const CommonOptions& common);

}  // namespace golf
