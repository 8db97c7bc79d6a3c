#include <fmt/format.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/version.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/report/pack_report.h"
#include "golf/artifact/spec/model_presets.h"
#include "native.h"

namespace golf::python {
namespace {

using Path = std::filesystem::path;
using RawView = nb::ndarray<const uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
/// Name, dtype as torch and NumPy call it, shape, and the elements' bytes.
using Row = std::tuple<std::string, std::string, std::vector<int64_t>, RawView>;

/// What golf-pack's options say.
struct Options {
  std::string recipe;  ///< empty: the format's default; likewise below
  std::vector<std::pair<std::string, std::string>> schemes;
  std::string codec;
  std::string format;
  Path calibration;
  uint64_t budget = kBudgetBytes;
  std::vector<Path> code;
  bool fit = false;
  std::optional<double> target_gap;
  std::string model_config;
  std::string key;
  Path tokenizer;
  Path emit_decoder;
  bool allow_requantize = false;
  bool verify = true;
  int threads = 0;
};

constexpr const char* kMemoryName = "state_dict";

ModelFile model_file(const std::vector<Row>& rows) {
  TensorSet tensors;
  for (const auto& [name, dtype_name, shape, raw] : rows) {
    const std::string place = fmt::format("{}: tensor \"{}\"", kMemoryName, printable(name));
    const auto dtype = dtype_from_torch(dtype_name);
    if (!dtype) fail(ErrorCode::kUnsupported, fmt::format("{}: dtype {} is not stored", place, dtype_name));
    if (checked_tensor_bytes(*dtype, shape, place) != raw.size()) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("{}: shape {} and {} bytes do not agree", place, to_string(shape), raw.size()));
    }
    const auto* first = reinterpret_cast<const std::byte*>(raw.data());
    tensors.add(name, {*dtype, shape, Bytes(first, first + raw.size())});
  }
  ModelFile file{.name = kMemoryName, .bytes = encode_safetensors(tensors)};
  file.disk_bytes = file.bytes.size();
  return file;
}

PackRequest request_of(const Options& options) {
  PackRequest request;
  choose_format(request, options.format);
  if (!options.recipe.empty()) request.recipe = load_recipe(options.recipe);
  for (const auto& [regex, scheme] : options.schemes) {
    request.overrides.push_back(parse_override(regex + "=" + scheme));
  }
  if (!options.codec.empty()) request.codec = parse_codec(options.codec);
  if (!options.calibration.empty()) request.calibration = read_calibration(path_of(options.calibration));
  std::vector<std::string> code;
  for (const Path& path : options.code) code.push_back(path_of(path));
  request.budget = {.limit_bytes = options.budget, .code = measure_code(code)};
  if (options.target_gap) {
    require(options.fit, "target_gap", "belongs to fit=True");
    require(request.calibration && request.calibration->bytes_per_token(), "target_gap",
            "needs a calibration with gradients and bytes, as golf-eval calibrate writes it");
    request.target = {PackTarget::Kind::kGap, *options.target_gap};
  } else if (options.fit) {
    request.target = {PackTarget::Kind::kBudget};
  }
  if (!options.emit_decoder.empty()) request.emit_decoder = path_of(options.emit_decoder);
  request.verify = options.verify;
  request.threads = options.threads;
  // Ctrl-C ends the work; only the main thread hears it.
  request.progress = [](const Progress&) {
    const nb::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  };
  return request;
}

/// @param output  empty: nothing is written
Json pack_file(const std::string& path, const ModelFile& file, const std::string& output,
               const Options& options) {
  PackRequest request = request_of(options);
  if (is_artifact(identify(file.bytes)) && !options.allow_requantize && asks_for_schemes(request)) {
    fail(ErrorCode::kInvalidArgument,
         file.name +
             ": is an artifact, its weights are already quantized: leave out recipe and schemes to "
             "keep them, or add allow_requantize=True");
  }
  std::optional<ModelSpec> spec;
  if (!options.model_config.empty()) spec = load_model_spec(options.model_config);
  const LoadedModel model = load_model(file, spec, options.threads, options.key);
  PackReport report = describe_input(path, file, model);
  request.provenance =
      provenance_of(fmt::format("golf.pack {} ({})", project_version(), git_commit()), report, model,
                    options.tokenizer.empty() ? "" : path_of(options.tokenizer));
  try {
    report.result = pack(model, request);
  } catch (const Error& error) {
    fail_within(file.name, error);
  }
  report.output = output;
  report.decoder = request.emit_decoder;
  if (!output.empty()) {
    if (!report.decoder.empty()) write_file_atomic(report.decoder, as_bytes(report.result.decoder));
    write_file_atomic(output, report.result.bytes);
  }
  return pack_report_json(report);
}

void refuse_same_file(const std::string& input, const std::string& output) {
  std::error_code ignored;
  if (!output.empty() && std::filesystem::equivalent(input, output, ignored)) {
    fail(ErrorCode::kInvalidArgument, display_name(output) + ": is also the input: choose another output");
  }
}

}  // namespace

void bind_pack(nb::module_& module) {
  nb::class_<Options>(module, "PackOptions")
      .def(nb::init<>())
      .def_rw("recipe", &Options::recipe)
      .def_rw("schemes", &Options::schemes)
      .def_rw("codec", &Options::codec)
      .def_rw("format", &Options::format)
      .def_rw("calibration", &Options::calibration)
      .def_rw("budget", &Options::budget)
      .def_rw("code", &Options::code)
      .def_rw("fit", &Options::fit)
      .def_rw("target_gap", &Options::target_gap)
      .def_rw("model_config", &Options::model_config)
      .def_rw("key", &Options::key)
      .def_rw("tokenizer", &Options::tokenizer)
      .def_rw("emit_decoder", &Options::emit_decoder)
      .def_rw("allow_requantize", &Options::allow_requantize)
      .def_rw("verify", &Options::verify)
      .def_rw("threads", &Options::threads);
  module.def("pack_file", [](const Path& input, const Path& output, const Options& options) {
    Json report;
    {
      const nb::gil_scoped_release release;
      const std::string path = path_of(input), to = output.empty() ? "" : path_of(output);
      refuse_same_file(path, to);
      report = pack_file(path, read_model_file(path), to, options);
    }
    return to_python(report);
  });
  module.def("pack_rows", [](const std::vector<Row>& rows, const Path& output, const Options& options) {
    Json report;
    {
      const nb::gil_scoped_release release;
      report = pack_file(kMemoryName, model_file(rows), output.empty() ? "" : path_of(output), options);
    }
    return to_python(report);
  });
}

}  // namespace golf::python
