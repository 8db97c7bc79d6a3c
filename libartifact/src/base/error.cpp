#include "golf/artifact/base/error.h"

namespace golf {

void fail(ErrorCode code, const std::string& message) { throw Error(code, message); }

void fail_within(std::string_view context, const Error& error) {
  const std::string message = error.what();
  if (message.starts_with(context)) throw error;
  throw Error(error.code(), std::string(context) + ": " + message);
}

}  // namespace golf
