#pragma once

#include "common/command_line.h"

namespace golf {

// Each function adds one command of golf-pack to the line, options and all. The source of that name has it.

ToolInfo pack_info();
/// golf-pack CHECKPOINT -o ARTIFACT.
void add_pack_options(CommandLine& line);
/// golf-pack unpack ARTIFACT -o OUT.safetensors.
void add_unpack_command(CommandLine& line);
/// golf-pack sweep CHECKPOINT.
void add_sweep_command(CommandLine& line);
/// golf-pack schemes CHECKPOINT.
void add_schemes_command(CommandLine& line);
/// golf-pack recipes [NAME].
void add_recipes_command(CommandLine& line);
/// golf-pack prefix --data GLOB --tokens N -o FILE.
void add_prefix_command(CommandLine& line);

}  // namespace golf
