#pragma once

namespace golf {

/// Exit statuses of every tool. An interrupted tool dies by its signal, which a shell reports as 130
/// (SIGINT) or 143 (SIGTERM); golf-train, which leaves things in order first, exits with that status.
enum class ExitCode : int {
  kDone = 0,
  kCheckFailed = 1,  ///< over budget, not significant, verification failed
  kUsage = 2,        ///< wrong options or option values
  kBadInput = 3,     ///< an input is missing, malformed, hostile or unsupported
  kRunFailed = 4,    ///< I/O, memory, device, lost rank
  kInterrupted = 130,
  kTerminated = 143,
};

}  // namespace golf
