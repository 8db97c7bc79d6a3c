#include "common/budget_view.h"

#include <fmt/format.h>

#include "common/text_table.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr uint64_t kSixteenMebibytes = uint64_t{16} << 20;

uint64_t over_bytes(const BudgetReport& budget) {
  return budget.fits() ? 0 : budget.total_bytes() - budget.limit_bytes;
}

std::string mebibyte_hint() {
  return fmt::format("under 16 MiB ({} bytes), but the limit is decimal", with_separators(kSixteenMebibytes));
}

}  // namespace

std::string budget_text(const BudgetReport& budget, const Style& style) {
  const std::string verdict =
      budget.fits()
          ? style.green("fits") +
                fmt::format(", {} bytes left ({})",
                            with_separators(budget.limit_bytes - budget.total_bytes()),
                            percent(budget.limit_bytes - budget.total_bytes(), budget.limit_bytes))
          : style.red("OVER") + fmt::format(" by {} bytes ({})", with_separators(over_bytes(budget)),
                                            percent(over_bytes(budget), budget.limit_bytes));
  std::string text = fmt::format("{} of {} bytes: {}\n", with_separators(budget.total_bytes()),
                                 with_separators(budget.limit_bytes), verdict);
  if (budget.over_by_mebibyte_confusion()) text += style.yellow(mebibyte_hint()) + "\n";
  if (!budget.code.empty()) {
    text += fmt::format("artifact {} + code {} bytes\n", with_separators(budget.artifact_bytes),
                        with_separators(budget.code_bytes()));
    for (const CodeFile& file : budget.code) {
      text += fmt::format("  {}  {}\n", with_separators(file.bytes), printable(file.path));
    }
  }
  return text;
}

Json budget_json(const BudgetReport& budget) {
  Json json = Json::object();
  json["limit_bytes"] = budget.limit_bytes;
  json["total_bytes"] = budget.total_bytes();
  json["artifact_bytes"] = budget.artifact_bytes;
  json["code_bytes"] = budget.code_bytes();
  Json code = Json::array();
  for (const CodeFile& file : budget.code) {
    Json row = Json::object();
    row["path"] = file.path;
    row["bytes"] = file.bytes;
    code.push_back(std::move(row));
  }
  json["code"] = std::move(code);
  json["fits"] = budget.fits();
  json["margin_bytes"] = budget.margin_bytes();
  json["headroom_bytes"] = budget.headroom_bytes;
  json["low_headroom"] = budget.low_headroom();
  json["over_but_under_16_mib"] = budget.over_by_mebibyte_confusion();
  return json;
}

std::string over_budget_line(const std::string& file, const BudgetReport& budget) {
  return fmt::format("{}: {} bytes{}, over the budget of {} by {} bytes{}", printable(file),
                     with_separators(budget.total_bytes()), budget.code.empty() ? "" : " with code",
                     with_separators(budget.limit_bytes), with_separators(over_bytes(budget)),
                     budget.over_by_mebibyte_confusion() ? " (" + mebibyte_hint() + ")" : "");
}

}  // namespace golf
