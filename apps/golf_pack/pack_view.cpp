#include "golf_pack/pack_view.h"

#include <fmt/format.h>

#include <cmath>

#include "common/sizes.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

std::string fit_text(const FitReport& fit) {
  std::string text =
      fmt::format("\nfitted: global step scale {:.5g}, NMSE {:.2f} dB, found by packing {} times",
                  fit.step_scale, 10 * std::log10(fit.nmse), fit.probes);
  if (fit.float16_tensors > 0) {
    text += fmt::format("; {} tensor{} as float16, because the finest steps leave bytes over",
                        fit.float16_tensors, fit.float16_tensors == 1 ? "" : "s");
  }
  if (fit.end == FitReport::End::kFinest) text += "; there are no finer steps";
  if (fit.end == FitReport::End::kNearest) text += "; no step scale comes nearer";
  return text + "\n";
}

std::string gap_fit_text(const GapFit& fit) {
  std::string text = fmt::format("\nfitted: global step scale {:.5g}, found by quantizing {} times",
                                 fit.step_scale, fit.probes);
  if (fit.end == GapFit::End::kUnreachable) text += "; the finest steps already exceed the target";
  if (fit.end == GapFit::End::kCoarsest) text += "; there are no coarser steps";
  return text + "\n";
}

}  // namespace

std::string pack_report_text(const PackReport& report, const Style& style) {
  const PackResult& result = report.result;
  std::string text = budget_text(result.budget, style);
  text += fmt::format("\n{} -> {}: {}, {}codec {}\n\n", printable(report.input),
                      report.output.empty()  ? "(dry run, nothing written)"
                      : report.output == "-" ? "standard output"
                                             : printable(report.output),
                      format_name(result.artifact.info.format),
                      result.artifact.info.recipe.empty()
                          ? ""
                          : fmt::format("recipe {}, ", printable(result.artifact.info.recipe)),
                      to_string(result.artifact.info.codec));
  TextTable table({{"group", Align::kLeft},
                   {"scheme", Align::kLeft, Fit::kWrap},
                   {"tensors", Align::kRight, Fit::kWhole, 2},
                   {"weights"},
                   {"bytes before", Align::kRight, Fit::kWhole, 1},
                   {"bytes after", Align::kRight, Fit::kWhole, 0, /*bold=*/true},
                   {"share"},
                   {"bits/weight"}});
  GroupRow total;
  const uint64_t file_bytes = result.sizes.file_bytes;
  const auto add = [&](const GroupRow& row) {
    const BreakdownRow& after = row.after;
    table.add({after.label, after.scheme_list(), after.overhead ? "" : with_separators(after.tensors.size()),
               after.overhead ? "" : with_separators(after.elements),
               after.overhead ? "" : with_separators(row.before_bytes), with_separators(after.bytes()),
               percent(after.bytes(), file_bytes), after.overhead ? "" : bits_per_weight(after)});
  };
  for (const GroupRow& row : group_rows(report)) {
    add(row);
    total.after.add(row.after);
    total.before_bytes += row.before_bytes;
  }
  total.after.label = "total";
  total.after.schemes.clear();
  table.add_rule();
  add(total);
  text += table.render(style);
  if (result.fit) text += fit_text(*result.fit);
  if (result.gap_fit) text += gap_fit_text(*result.gap_fit);
  if (result.predicted_gap_bpb) {
    text += fmt::format("predicted quantization gap: {:.5f} bits per byte\n", *result.predicted_gap_bpb);
  }
  if (result.prune) {
    text += fmt::format("\npruned {} of {} int6 values of ±1: {} bytes without, {} with\n",
                        with_separators(result.prune->zeroed), with_separators(result.prune->candidates),
                        with_separators(result.prune->unpruned_bytes),
                        with_separators(result.prune->pruned_bytes));
  }
  if (result.verified) text += "\nverified: the artifact decodes to the stored weights, bit for bit\n";
  return text;
}

}  // namespace golf
