#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "common/console.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/quantize/calibration.h"
#include "golf/eval/calibration.h"
#include "golf/eval/runtime.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/torch_runtime.h"

namespace golf {
namespace {

ExitCode calibrate(const CalibrateOptions& options, const CommonOptions& common, Console& console) {
  const Runtime runtime = runtime_with_gradients(options.model);
  prepare_processor(common.threads);
  const EvalModel model = read_model(options.model, common.threads, console);
  const EvalData data = load_eval_data(options.text, model);
  if (!options.allow_validation) refuse_validation_shards(data);
  const auto start = std::chrono::steady_clock::now();
  Decoder decoder = make_decoder(model.spec.model, model.tensors, runtime);
  const int64_t seq_len = options.seq_len.value_or(model.spec.eval.seq_len);
  TensorSet calibration;
  try {
    calibration = collect_calibration(decoder, data.text.tokens, seq_len, console.progress());
  } catch (const Error& error) {
    fail_within(model.file.path, error);
  }
  const auto tokens = static_cast<size_t>(std::stoll(calibration.metadata.at("tokens")));
  calibration.metadata["bytes"] =
      std::to_string(data.text.view().bytes_of_targets(static_cast<int64_t>(tokens) - 1));
  calibration.metadata["source"] =
      fmt::format("{} {}", model.file.sha256, data.text.shards.front().file.sha256);
  const auto matrices = static_cast<uint64_t>(std::count_if(
      calibration.begin(), calibration.end(),
      [](const NamedTensor& statistic) { return !statistic.name.starts_with(Calibration::kFisherPrefix); }));
  const Bytes bytes = encode_safetensors(calibration);
  write_file_atomic(options.output, bytes);

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Fingerprint file{options.output, bytes.size(), sha256_hex(bytes)};
  if (common.json) {
    Json shards = Json::array();
    for (const TokenizedText::Shard& shard : data.text.shards) shards.push_back(to_json(shard.file));
    console.result_json(Json::object({{"schema", "golf.eval.calibration/1"},
                                      {"version", project_version()},
                                      {"model", to_json(model.file)},
                                      {"data", std::move(shards)},
                                      {"tokens", static_cast<uint64_t>(tokens)},
                                      {"matrices", matrices},
                                      {"calibration", to_json(file)},
                                      {"seconds", seconds}}));
  } else {
    console.report(
        fmt::format("{}\nHessians of {} matrices, diagonal Fisher of {} tensors, over {} tokens, {:.1f} s\n",
                    to_text(file, console.style()), matrices, calibration.size() - matrices,
                    with_separators(tokens), seconds));
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode calibrate_model(const CalibrateOptions& options, const CommonOptions& common) {
  Console console("golf-eval", common, options.output == "-");
  return on_device(options.model, [&] { return calibrate(options, common, console); });
}

}  // namespace golf
