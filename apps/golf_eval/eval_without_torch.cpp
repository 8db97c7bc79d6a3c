#include "golf/artifact/base/error.h"
#include "golf_eval/eval_command.h"
#include "golf_eval/eval_options.h"

namespace golf {

ExitCode eval_command(int argc, const char* const* argv) {
  const auto parsed = parse_eval_options(argc, argv, libtorch_version());
  if (const auto* status = std::get_if<ExitCode>(&parsed)) return *status;
  fail(ErrorCode::kUnsupported,
       "this golf-eval was built without LibTorch and cannot run a model: use one that was built with it, or "
       "golf-eval audit on losses that another program wrote");
}

std::string libtorch_version() { return "none"; }

}  // namespace golf
