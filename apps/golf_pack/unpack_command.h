#pragma once

#include <string>

#include "common/command_line.h"
#include "common/exit_code.h"

namespace golf {

struct UnpackOptions {
  std::string input;
  std::string output;
  std::string model_config;
};

/// Artifact → safetensors checkpoint: dequantised weights in their original dtypes, model configuration in
/// the metadata.
ExitCode unpack_command(const UnpackOptions& options, const CommonOptions& common);

}  // namespace golf
