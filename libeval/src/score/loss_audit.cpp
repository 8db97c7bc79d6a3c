#include "golf/score/loss_audit.h"

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/version.h"
#include "golf/score/loss_dump.h"

namespace golf {
namespace {

/// A softmax in float32 can give a certain token a probability that much over 1.
constexpr double kRounding = 1e-5;

}  // namespace

Json to_json(const LossAudit& report) {
  Json losses = to_json(report.losses);
  losses["zero"] = report.zero;
  losses["negative"] = report.negative;
  return Json::object({{"schema", "golf.audit/1"},
                       {"version", project_version()},
                       {"commit", git_commit()},
                       {"losses", std::move(losses)},
                       {"data", data_json(*report.data)},
                       {"tokenizer", tokenizer_json(*report.data)},
                       {"byte_count_check", to_json(report.byte_count)},
                       {"result", to_json(report.result)}});
}

LossAudit audit_losses(const std::string& path, ByteView file, const EvalSettings& settings,
                       const EvalData& data) {
  const WindowPlan plan = plan_for(settings, data);
  const std::string name = display_name(path);
  const std::vector<double> losses = parse_loss_dump(file, name, plan);
  BpbTotals totals;
  try {
    totals = score_losses(losses, plan, data.text.view().first(plan.targets() + 1).bytes);
  } catch (const Error& error) {
    fail_within(name, error);
  }

  LossAudit report{.losses = {path, file.size(), sha256_hex(file)},
                   .data = &data,
                   .byte_count = data.check_bytes(settings),
                   .result = make_result(settings, plan, totals, data.text),
                   .impossible = impossible_total(totals)};
  report.zero = std::count(losses.begin(), losses.end(), 0.0);
  report.negative = std::count_if(losses.begin(), losses.end(), [](double nll) { return nll < -kRounding; });
  report.result.legality = "not known: losses do not tell how they were made";
  report.result.stages = {{.name = "as given",
                           .legality = report.result.legality,
                           .val_loss = totals.val_loss(),
                           .val_bpb = totals.val_bpb()}};
  try {
    require_finite(report.result, "the program that wrote it went wrong");
  } catch (const Error& error) {
    fail_within(name, error);
  }
  return report;
}

}  // namespace golf
