#pragma once

#include "common/run_main.h"
#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// Whether this process is a rank that launch_ranks() started.
bool is_launched_rank(const VariableLookup& variable);

/// Starts this program `count` more times, as the ranks of one run on this machine, with torchrun's variables
/// and the processors shared out between them, and waits for all. SIGINT and SIGTERM are passed on. When one
/// rank dies the others, who notice by themselves, get `patience_seconds` to leave before they are killed.
/// @return 0, or the exit status of the rank that failed first: 128 + N for one that signal N ended
/// @throws Error kIo when a process cannot be started
int launch_ranks(int count, double patience_seconds, const char* const* argv);

}  // namespace golf
