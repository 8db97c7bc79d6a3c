#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/version.h"

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

/// What --version prints: version, commit, codec libraries, LibTorch.
std::string version_text(std::string_view tool, std::string_view libtorch_version);

/// The command line asks for something that makes no sense: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The exit status that an error which ends a tool gives it.
ExitCode exit_code_of(ErrorCode code);

/// Runs the body of a tool and turns whatever it throws into one line "tool: message" on standard error and
/// an exit status. Call it first thing in main(): it also guards the three standard descriptors, so that a
/// closed one can never be taken by an output file, and has an over-long file reported instead of killing.
int run_main(std::string_view tool, const std::function<ExitCode()>& body);

/// Runs `use` on the value of `option`: an Error that the value makes no sense (kInvalidArgument) becomes a
/// UsageError "--option: message". Any other stays what it is, such as a file that is damaged. This is the
/// one place where exit status 2 is told from 3.
/// @param option  empty where the message names what is wrong by itself
template <class Use>
auto parse_option(std::string_view option, Use&& use) {
  try {
    return use();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    throw UsageError(option.empty() ? error.what() : std::string(option) + ": " + error.what());
  }
}

}  // namespace golf
