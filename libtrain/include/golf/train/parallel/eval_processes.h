#pragma once

#include "golf/eval/processes.h"
#include "golf/train/parallel/communicator.h"

namespace golf {

/// The ranks as the processes that share an evaluation. Borrows the communicator.
/// @param device  the communicator's, by way of which the values go
EvalProcesses eval_processes(const Communicator& ranks, torch::Device device);

}  // namespace golf
