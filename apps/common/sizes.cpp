#include "common/sizes.h"

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

/// "fits, 100 bytes left (1.0%)".
std::string verdict_text(const BudgetReport& budget, const Style& style) {
  return budget.fits()
             ? style.green("fits") +
                   fmt::format(", {} bytes left ({})",
                               with_separators(budget.limit_bytes - budget.total_bytes()),
                               percent(budget.limit_bytes - budget.total_bytes(), budget.limit_bytes))
             : style.red("OVER") + fmt::format(" by {} bytes ({})", with_separators(over_bytes(budget)),
                                               percent(over_bytes(budget), budget.limit_bytes));
}

}  // namespace

std::string budget_text(const BudgetReport& budget, const Style& style) {
  std::string text = fmt::format("{} of {} bytes: {}\n", with_separators(budget.total_bytes()),
                                 with_separators(budget.limit_bytes), verdict_text(budget, style));
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

std::string budget_line(const BudgetReport& budget, const Style& style) {
  return fmt::format("{} of {} bytes{}: {}{}", with_separators(budget.total_bytes()),
                     with_separators(budget.limit_bytes), budget.code.empty() ? "" : " with code",
                     verdict_text(budget, style),
                     budget.over_by_mebibyte_confusion() ? "; " + style.yellow(mebibyte_hint()) : "");
}

std::vector<std::string> code_warnings(const BudgetReport& budget) {
  std::vector<std::string> warnings;
  for (const CodeFile& file : budget.code) {
    if (file.given > 1) {
      warnings.push_back(
          fmt::format("{}: named {} times as code, counted once", printable(file.path), file.given));
    }
  }
  return warnings;
}

std::string over_budget_line(const std::string& file, const BudgetReport& budget) {
  return fmt::format("{}: {} bytes{}, over the budget of {} by {} bytes{}", printable(file),
                     with_separators(budget.total_bytes()), budget.code.empty() ? "" : " with code",
                     with_separators(budget.limit_bytes), with_separators(over_bytes(budget)),
                     budget.over_by_mebibyte_confusion() ? " (" + mebibyte_hint() + ")" : "");
}

}  // namespace golf
