#pragma once

#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// Python source (standard library and NumPy) whose load(PATH) gives the weights of `artifact`, packed as a
/// .golf file with info.python_readable: a dictionary from names to arrays in the original dtypes, bfloat16
/// as float32. What this artifact's dtypes and codec effort do not need is left out.
/// @throws Error kUnsupported: another format or codec, or a dtype that NumPy does not have, naming it
std::string python_decoder(const Artifact& artifact);

}  // namespace golf
