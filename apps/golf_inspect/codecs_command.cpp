// Codecs side by side, then where the bits of the last one go, beside the order-0 entropy.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/console.h"
#include "common/text_table.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/compare_codecs.h"
#include "golf/artifact/container/file_kind.h"
#include "golf_inspect/commands.h"

namespace golf {
namespace {

/// Of the tensors in a row.
double order0_bits(const CodecComparison& comparison, const BreakdownRow& row) {
  return std::accumulate(
      row.tensors.begin(), row.tensors.end(), 0.0,
      [&](double sum, const std::string& tensor) { return sum + comparison.order0_bits.at(tensor); });
}

std::string per_weight(double bits, int64_t weights) {
  return weights == 0 ? "" : fmt::format("{:.3f}", bits / static_cast<double>(weights));
}

uint64_t best_general_bytes(const CodecComparison& comparison) {
  uint64_t best = UINT64_MAX;
  for (const CodecBytes& codec : comparison.codecs) {
    if (codec.codec.id != CodecId::kGolf) best = std::min(best, codec.bytes);
  }
  return best;
}

std::string codec_table_text(const CodecComparison& comparison, const BreakdownRow& total,
                             const Style& style) {
  TextTable table({{"codec", Align::kLeft}, {"bytes"}, {"bits/weight"}, {"of the best general-purpose one"}});
  const auto best = static_cast<double>(best_general_bytes(comparison));
  const auto add = [&](const std::string& name, double bits) {
    table.add({name, with_separators(static_cast<uint64_t>(std::ceil(bits / 8.0))),
               per_weight(bits, total.elements),
               best == 0.0 ? "" : fmt::format("{:.4f}", bits / 8.0 / best)});
  };
  add("none", 8.0 * static_cast<double>(comparison.raw_bytes));
  add("order-0 entropy", order0_bits(comparison, total));
  table.add_rule();
  for (const CodecBytes& codec : comparison.codecs) {
    add(to_string(codec.codec), 8.0 * static_cast<double>(codec.bytes));
  }
  return table.render(style);
}

std::string row_table_text(const CodecComparison& comparison, const RowSelection& selection,
                           const BreakdownRow& total, const std::string& codec, const Style& style) {
  TextTable table({{std::string(breakdown_key_name(selection.by)), Align::kLeft, Fit::kShorten},
                   {"scheme", Align::kLeft, Fit::kWrap, 2},
                   {"weights", Align::kRight, Fit::kWhole, 1},
                   {"order-0"},
                   {codec, Align::kRight, Fit::kWhole, 0, /*bold=*/true},
                   {"payload", Align::kRight, Fit::kWhole, 3},
                   {"scales", Align::kRight, Fit::kWhole, 4},
                   {"other", Align::kRight, Fit::kWhole, 5},
                   {"share"}});
  const auto add = [&](const BreakdownRow& row) {
    const auto count = [](uint64_t bytes) { return bytes == 0 ? std::string() : with_separators(bytes); };
    table.add({row.label, &row == &total ? "" : row.scheme_list(), count(static_cast<uint64_t>(row.elements)),
               per_weight(order0_bits(comparison, row), row.elements),
               per_weight(8.0 * static_cast<double>(row.bytes()), row.elements), count(row.payload_bytes),
               count(row.scales_bytes), count(row.other_bytes),
               percent(row.bytes(), comparison.sizes.file_bytes)});
  };
  for (const BreakdownRow& row : select_rows(comparison.sizes, selection)) add(row);
  table.add_rule();
  add(total);
  return table.render(style);
}

std::string codecs_text(const std::string& name, const CodecComparison& comparison,
                        const RowSelection& selection, const Style& style) {
  const BreakdownRow total = total_of(break_down(comparison.sizes, selection.by));
  const std::string last = to_string(comparison.codecs.back().codec);
  std::string text = fmt::format("{}: {} tensors, {} weights, values and scales only\n\n", printable(name),
                                 with_separators(total.tensors.size()),
                                 with_separators(static_cast<uint64_t>(total.elements)));
  text += codec_table_text(comparison, total, style);
  text += fmt::format("\nWhere the bits of {} go, in bits a weight:\n\n", last);
  return text + row_table_text(comparison, selection, total, last, style);
}

/// Schema "golf.inspect-codecs/1".
Json codecs_json(const std::string& name, const CodecComparison& comparison, const RowSelection& selection) {
  const BreakdownRow total = total_of(break_down(comparison.sizes, selection.by));
  Json codecs = Json::array();
  for (const CodecBytes& result : comparison.codecs) {
    codecs.push_back(Json::object({{"codec", to_string(result.codec)}, {"bytes", result.bytes}}));
  }
  Json rows = Json::array();
  for (const BreakdownRow& row : select_rows(comparison.sizes, selection)) {
    rows.push_back(Json::object({{"name", row.label},
                                 {"overhead", row.overhead},
                                 {"elements", row.elements},
                                 {"order0_bits", order0_bits(comparison, row)},
                                 {"bytes", row.bytes()},
                                 {"payload_bytes", row.payload_bytes},
                                 {"scales_bytes", row.scales_bytes},
                                 {"other_bytes", row.other_bytes}}));
  }
  return Json::object({{"schema", "golf.inspect-codecs/1"},
                       {"path", name},
                       {"tensors", static_cast<uint64_t>(total.tensors.size())},
                       {"elements", total.elements},
                       {"raw_bytes", comparison.raw_bytes},
                       {"order0_bits", order0_bits(comparison, total)},
                       {"codecs", std::move(codecs)},
                       {"by", breakdown_key_name(selection.by)},
                       {"rows", std::move(rows)}});
}

struct CodecsOptions {
  std::string file;
  BreakdownOptions breakdown = {.by = "tensor"};
};

ExitCode compare(const CodecsOptions& options, const CommonOptions& common) {
  const RowSelection selection = options.breakdown.selection();
  const std::string what = display_name(options.file);
  const Bytes bytes = read_file(options.file);
  if (!is_artifact(identify(bytes))) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: not an artifact: golf-inspect codecs compares what an artifact stores: pack it "
                     "first",
                     what));
  }
  Console console("golf-inspect", common);
  const Artifact artifact = decode_artifact(bytes, what, common.threads);
  const CodecComparison comparison = compare_codecs(artifact.model, common.threads, console.progress());
  if (common.json) {
    console.result_json(codecs_json(options.file, comparison, selection));
  } else {
    console.report(codecs_text(what, comparison, selection, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_codecs_command(CommandLine& line) {
  const auto options = std::make_shared<CodecsOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-inspect codecs",
          .usage = "ARTIFACT [OPTIONS]",
          .description =
              "Compares the codecs on an artifact's values and scales. Also shows where the bits of golf:9 "
              "go. It takes as long as packing with every codec.",
          .examples = "golf-inspect codecs model.golf --top 10",
      },
      [options](const CommonOptions& common) { return compare(*options, common); });
  app.add_option("ARTIFACT", options->file, ".golf or .ptz file; - for standard input")->required();
  add_breakdown_options(app, options->breakdown);
}

}  // namespace golf
