#include "golf/artifact/base/error.h"
#include "golf_eval/commands.h"

namespace golf {
namespace {

[[noreturn]] void refuse() {
  fail(ErrorCode::kUnsupported,
       "this golf-eval was built without LibTorch and cannot run a model: use one that was built with it, or "
       "golf-eval audit on losses that another program wrote");
}

}  // namespace

ExitCode evaluate_model(const EvalOptions&, const CommonOptions&) { refuse(); }

ExitCode calibrate_model(const CalibrateOptions&, const CommonOptions&) { refuse(); }

ExitCode sweep_model(const SweepOptions&, const CommonOptions&) { refuse(); }

ExitCode tune_model(const TuneOptions&, const CommonOptions&) { refuse(); }

ExitCode verify_model(const VerifyOptions&, const CommonOptions&) { refuse(); }

std::string libtorch_version() { return "none"; }

}  // namespace golf
