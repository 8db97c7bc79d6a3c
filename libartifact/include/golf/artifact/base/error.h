#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace golf {

/// Why something failed. The command-line tools map kIo and kRunFailed to exit status 4 and the others to 3
/// (kInvalidArgument raised while reading options becomes 2).
enum class ErrorCode {
  kInvalidArgument,  ///< a value given by the caller makes no sense
  kCorruptData,      ///< an input is malformed or hostile
  kUnsupported,      ///< a well-formed input asks for what this build does not do
  kIo,               ///< the operating system refused
  kMismatch,         ///< two inputs do not belong together (config and tensors, tokenizer and shard)
  kRunFailed,        ///< the work itself went wrong: a loss that is not finite, a lost device or rank
};

/// The one exception of the project. `what()` is one line: where, what, expected and found, remedy.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// Throws Error. Out of line, so that hot code stays small; callers format the message themselves,
/// which keeps fmt out of the public headers.
[[noreturn]] void fail(ErrorCode code, const std::string& message);

/// Rethrows `error` with "context: " in front, unless the message already starts with it.
[[noreturn]] void fail_within(std::string_view context, const Error& error);

/// Checks of configuration values. @throws Error kInvalidArgument "FIELD: PROBLEM"
void require(bool holds, std::string_view field, const std::string& problem);
void require_range(std::string_view field, int64_t value, int64_t low, int64_t high);
void require_range(std::string_view field, double value, double low, double high);

}  // namespace golf
