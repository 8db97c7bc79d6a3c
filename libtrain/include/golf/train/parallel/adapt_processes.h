#pragma once

#include "golf/adapt/processes.h"
#include "golf/train/parallel/communicator.h"

namespace golf {

/// The ranks as the processes that share an adapted evaluation. Borrows the communicator.
/// @param device  the communicator's, by way of which the values go
AdaptProcesses adapt_processes(const Communicator& ranks, torch::Device device);

}  // namespace golf
