#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "common/exit_code.h"
#include "golf/artifact/base/error.h"

namespace golf {

/// The command line asks for something that makes no sense: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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
