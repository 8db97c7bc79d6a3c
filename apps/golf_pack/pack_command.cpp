#include "golf_pack/pack_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>
#include <set>

#include "common/console.h"
#include "common/output_file.h"
#include "common/run_main.h"
#include "common/version.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/fit_to_budget.h"
#include "golf/artifact/quantize/fit_to_gap.h"
#include "golf/artifact/quantize/prune_to_fit.h"
#include "golf/artifact/quantize/quantizer.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf_pack/emit_decoder.h"
#include "golf_pack/pack_plan.h"
#include "golf_pack/pack_report.h"
#include "golf_pack/verify.h"

namespace golf {
namespace {

/// Whether the options ask for other schemes than those an artifact already has.
bool asks_for_schemes(const PackOptions& options) {
  return !options.recipe.empty() || !options.overrides.empty() || options.keep_float_max.has_value() ||
         options.fit || !options.calibration.empty();
}

void add_provenance(ArtifactInfo& info, const std::string& source_sha256) {
  info.provenance = {{"tool", fmt::format("golf-pack {} ({})", project_version(), git_commit())},
                     {"source_sha256", source_sha256}};
}

/// The dictionary layout that a built-in recipe's artifacts have; empty when there is none.
std::string ptz_layout_of(const std::string& recipe_name) {
  for (const QuantRecipe& recipe : builtin_recipes()) {
    if (recipe.name == recipe_name) return recipe.ptz_layout;
  }
  return {};
}

/// An artifact again, lossless: its stored values in another container or under another codec.
Artifact repack(ByteView input, const std::string& what, const PackPlan& plan, const CommonOptions& common) {
  Artifact artifact = decode_artifact(input, what, common.threads);
  artifact.info.format = plan.format;
  if (plan.codec) {
    artifact.info.codec = *plan.codec;
  } else if (artifact.info.codec.level == CodecSpec::kUnknownLevel) {
    artifact.info.codec = parse_codec(codec_row(artifact.info.codec.id).name);
  }
  if (artifact.info.ptz_layout.empty()) artifact.info.ptz_layout = ptz_layout_of(artifact.info.recipe);
  if (plan.spec) artifact.info.spec = plan.spec;
  return artifact;
}

/// What a candidate takes of the budget: its own bytes and those of the Python that reads it.
uint64_t charged_bytes(const Artifact& candidate, const CommonOptions& common, const ProgressSink& progress) {
  const uint64_t bytes = encode_checked(candidate, common, progress).size();
  return candidate.info.python_readable ? bytes + decoder_source(candidate).size() : bytes;
}

/// The stages of one probe of several.
ProgressSink numbered(ProgressSink sink, const int& probe) {
  if (!sink) return {};
  return [sink = std::move(sink), &probe](const Progress& progress) {
    Progress stage = progress;
    stage.stage = fmt::format("fit {}: {}", probe, progress.stage);
    sink(stage);
  };
}

/// Gives the artifact the model whose steps fit the budget, less the code.
FitReport fit(Artifact& artifact, const Quantizer& quantizer, const PackPlan& plan,
              const CommonOptions& common, const ProgressSink& progress, int& probe) {
  StoredModel model;
  const FitReport report = fit_to_budget(
      quantizer, plan.artifact_limit(),
      [&](const StoredModel& candidate) {
        artifact.model = candidate;
        const uint64_t bytes = charged_bytes(artifact, common, progress);
        ++probe;
        return bytes;
      },
      model);
  artifact.model = std::move(model);
  return report;
}

Artifact quantize_model(const LoadedModel& model, const std::string& what, const QuantRecipe& recipe,
                        const PackPlan& plan, const PackOptions& options, const CommonOptions& common,
                        Console& console, PackReport& report) {
  Artifact artifact = empty_artifact(model, plan, recipe);
  if (options.byte_shuffle) artifact.info.ptz_byte_shuffle = *options.byte_shuffle;
  artifact.info.python_readable = !options.emit_decoder.empty();
  add_provenance(artifact.info, report.input_sha256);
  int probe = 1;
  const ProgressSink progress = options.fit ? numbered(console.progress(), probe) : console.progress();
  quantizing(what, [&] {
    const Quantizer quantizer(model.tensors, recipe,
                              {.overrides = plan.overrides,
                               .calibration = plan.calibration ? &*plan.calibration : nullptr,
                               .threads = common.threads,
                               .progress = progress});
    if (options.target_gap) {
      const double nats = *options.target_gap * std::numbers::ln2 * *plan.calibration->bytes_per_token();
      report.gap_fit = fit_to_gap(quantizer, nats, artifact.model);
    } else if (options.fit) {
      report.fit = fit(artifact, quantizer, plan, common, progress, probe);
    } else {
      artifact.model = quantizer.quantize();
    }
    report.expected_gap = expected_gap(quantizer, artifact.model, plan);
  });
  return artifact;
}

/// Zeroes what PR 993's selective pruning would for the budget, less the code.
PruneReport prune(Artifact& artifact, const PackPlan& plan, const CommonOptions& common, Console& console) {
  StoredModel model = std::move(artifact.model);
  const PruneReport report = prune_to_fit(model, plan.artifact_limit(), [&](const StoredModel& candidate) {
    artifact.model = candidate;
    return charged_bytes(artifact, common, console.progress());
  });
  artifact.model = std::move(model);
  return report;
}

/// Reads the input and gives it its schemes; notes in `report` what the tensors weighed before.
Artifact make_artifact(const PackOptions& options, const PackPlan& plan, const CommonOptions& common,
                       Console& console, PackReport& report) {
  const std::string what = options.input == "-" ? "standard input" : printable(options.input);
  const Bytes input = read_file(options.input);
  report.input = options.input == "-" ? what : options.input;
  report.input_bytes = input.size();
  report.input_sha256 = sha256_hex(input);

  const bool from_artifact = is_artifact(input);
  if (from_artifact && !options.allow_requantize && asks_for_schemes(options)) {
    throw UsageError(what +
                     ": is an artifact, its weights are already quantised: leave out --recipe and --set to "
                     "keep them, or add --allow-requantize");
  }
  // Also when its values are kept: this checks them, and them against the model configuration.
  const LoadedModel model = load_model(input, what, plan.spec, common.threads);
  for (const auto& [name, tensor] : model.tensors) report.original_bytes[name] = tensor.bytes.size();
  Artifact artifact;
  if (from_artifact && !asks_for_schemes(options)) {
    artifact = repack(input, what, plan, common);
    artifact.info.python_readable = !options.emit_decoder.empty();
    if (options.byte_shuffle) artifact.info.ptz_byte_shuffle = *options.byte_shuffle;
    add_provenance(artifact.info, report.input_sha256);
  } else {
    artifact = quantize_model(model, what, recipe_of(plan, options), plan, options, common, console, report);
  }
  return artifact;
}

/// Without this a dropped tensor would show only when the artifact is loaded.
void check_complete(const Artifact& artifact) {
  if (!artifact.info.spec) return;
  std::set<std::string> stored;
  for (const StoredTensor& tensor : artifact.model.tensors) stored.insert(tensor.name);
  for (const std::string& name : tensor_names(artifact.info.spec->model)) {
    if (!stored.contains(name)) {
      throw UsageError(
          fmt::format("tensor \"{}\" is dropped, but the model configuration needs it: keep it, or "
                      "give the configuration without it by --model-config",
                      printable(name)));
    }
  }
}

ExitCode pack(const PackOptions& options, const CommonOptions& common, Console& console) {
  PackPlan plan = make_plan(options);
  PackReport report;
  Artifact artifact = make_artifact(options, plan, common, console, report);
  check_complete(artifact);
  if (options.prune_to_fit) report.prune = prune(artifact, plan, common, console);
  std::string decoder;
  if (!options.emit_decoder.empty()) {
    decoder = make_decoder(options.emit_decoder, artifact, plan.budget, console);
    report.decoder = options.emit_decoder;
  }

  const Bytes bytes = encode_checked(artifact, common, console.progress());
  if (options.verify) {
    if (const auto problem = find_difference(bytes, artifact, common.threads)) {
      console.refuse(fmt::format("{}: verification failed: {}: nothing was written, please report this",
                                 printable(report.input), *problem));
      return ExitCode::kCheckFailed;
    }
    report.verified = true;
  }
  if (!options.dry_run) {
    if (!decoder.empty()) write_file_atomic(options.emit_decoder, as_bytes(decoder));
    write_file_atomic(options.output, bytes);
  }

  report.output = options.dry_run ? "" : options.output;
  report.info = artifact.info;
  report.output_sha256 = sha256_hex(bytes);
  report.sizes = summarize_artifact(bytes, "the new artifact").sizes;
  report.budget = plan.budget;
  report.budget.artifact_bytes = bytes.size();
  if (common.json) {
    console.result_json(pack_report_json(report));
  } else if (!common.quiet) {
    console.result(pack_report_text(report, console.style()));
  }
  if (report.budget.low_headroom()) {
    console.warn(fmt::format("only {} bytes left, less than the headroom of {}", report.budget.margin_bytes(),
                             report.budget.headroom_bytes));
  }
  if (report.budget.fits()) return ExitCode::kDone;
  console.refuse(over_budget_line(options.output.empty() ? report.input : options.output, report.budget));
  return ExitCode::kCheckFailed;
}

}  // namespace

ExitCode pack_command(const PackOptions& options, const CommonOptions& common) {
  if (options.input.empty()) throw UsageError("give a CHECKPOINT to pack: see golf-pack --help");
  if (options.output.empty() && !options.dry_run) {
    throw UsageError("give -o ARTIFACT, or --dry-run to see the sizes only");
  }
  if (!options.dry_run) check_output(options.output, {options.input});
  if (!options.emit_decoder.empty()) check_decoder_path(options);
  Console console("golf-pack", common, options.output == "-" && !options.dry_run);
  return pack(options, common, console);
}

}  // namespace golf
