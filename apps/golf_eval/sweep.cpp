#include <fmt/format.h>

#include "common/console.h"
#include "common/run_main.h"
#include "draw/pictures.h"
#include "golf/artifact/base/file.h"
#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "golf_eval/adapt_run.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_views.h"
#include "golf_eval/torch_runtime.h"

namespace golf {
namespace {

ExitCode sweep_and_show(const SweepOptions& options, const CommonOptions& common, Console& console) {
  const Runtime runtime = runtime_of(options.model);
  prepare_processor(common.threads);
  PackRequest request = complete_request(options.pack, console);
  request.threads = common.threads;
  request.progress = console.progress();
  const EvalModel model = read_model(options.model, common.threads, console);
  if (model.artifact) {
    throw UsageError(model.file.path + ": is an artifact, its weights are already quantized");
  }
  const EvalData data = load_eval_data(options.text, model);
  const std::optional<AdaptConfig> adapt = options.adapt.config(model.spec.eval);
  EvalSettings settings = WindowOptions{}.settings(EvalMode::kStandard, model.spec.eval);
  if (adapt) settings = adapt_settings(*adapt, settings);
  plan_for(settings, data);
  if (const std::string reason = data.uncountable(settings); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  if (const ByteCountCheck check = data.check_bytes(settings); !check.agrees()) {
    std::string reason = byte_count_text(check);
    reason.pop_back();
    return refuse_uncountable(data, reason, console);
  }
  const EvalRanks ranks(/*shared=*/false);
  const auto score = [&](const TensorSet& weights) {
    if (adapt) {
      const AdaptedRun run{model, data, settings, *adapt, {}, runtime};
      return run_adapted(run, weights, ranks, {}, {}).result;
    }
    Decoder decoder = make_decoder(model.spec.model, weights, runtime);
    EvalResult result = evaluate(decoder, data.text, settings);
    require_finite(result);
    return result;
  };
  const EvalResult before = score(model.tensors);
  Sweep result = refuse_as_usage(model.file.path, [&] {
    return sweep(
        {.tensors = model.tensors, .spec = model.spec}, request, options.range, [&](ByteView artifact) {
          return score(load_model(artifact, "artifact of the sweep", model.spec, common.threads).tensors)
              .val_bpb;
        });
  });
  result.unquantized_bpb = before.val_bpb;
  result.tokens = before.tokens;
  if (!options.svg.empty()) write_file_atomic(options.svg, as_bytes(sweep_svg(result, model.file.path)));
  if (common.json) {
    console.result_json(sweep_json(result));
  } else {
    console.report(sweep_text(result, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode sweep_model(const SweepOptions& options, const CommonOptions& common) {
  Console console("golf-eval", common, options.svg == "-");
  return on_device(options.model, [&] { return sweep_and_show(options, common, console); });
}

}  // namespace golf
