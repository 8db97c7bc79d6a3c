#pragma once

#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// What decodes the streams: NumPy, or C that the Python compiles by cc when it is loaded.
enum class DecoderLanguage { kPython, kC };

/// Whether python_decoder() takes the format and the codec. @throws Error kInvalidArgument naming both
void check_python_decoder(const ArtifactInfo& info);

/// Python source (standard library, NumPy, and with kC a C compiler) whose load(PATH) gives the weights of
/// `artifact`, packed as a .golf file with info.python_readable: a dictionary from names to arrays in the
/// original dtypes, bfloat16 as float32. Names and shapes are those of the checkpoint that was packed: its
/// parameter banks are joined again and a tied head is there, unless load(PATH, per_layer=True) asks for what
/// the file stores. What this artifact's dtypes and codec level do not need is left out.
/// @throws Error kInvalidArgument: another format or codec; kUnsupported: a dtype that NumPy does not have;
/// kMismatch: a bank lacks a matrix
std::string python_decoder(const Artifact& artifact, DecoderLanguage language = DecoderLanguage::kPython);

/// The highest level of codec golf whose streams NumPy reads fast: those above work on few rows at a time.
int fast_python_level();

}  // namespace golf
