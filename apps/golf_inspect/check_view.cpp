#include "golf_inspect/check_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/sizes.h"
#include "common/text_table.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

uint64_t excess(const CheckedFile& file) { return static_cast<uint64_t>(-file.budget.margin_bytes()); }

/// "9 of 12 fit; 2 over by 1,234 to 55,555 bytes; 1 cannot be read".
std::string verdict_on_all(const std::vector<CheckedFile>& files) {
  std::vector<uint64_t> over;
  size_t unread = 0;
  for (const CheckedFile& file : files) {
    if (!file.error.empty()) {
      ++unread;
    } else if (!file.budget.fits()) {
      over.push_back(excess(file));
    }
  }
  std::string text = fmt::format("{} of {} fit", files.size() - over.size() - unread, files.size());
  if (!over.empty()) {
    const auto [least, most] = std::ranges::minmax(over);
    text += fmt::format("; {} over by {}", over.size(), with_separators(least));
    if (most != least) text += fmt::format(" to {}", with_separators(most));
    text += most == 1 ? " byte" : " bytes";
  }
  if (unread > 0) text += fmt::format("; {} cannot be read", unread);
  return text;
}

/// The code that every file is counted with; empty without any.
std::string code_line(const BudgetReport& budget) {
  if (budget.code.empty()) return {};
  std::string names;
  for (const CodeFile& file : budget.code) names += (names.empty() ? "" : ", ") + printable(file.path);
  return fmt::format("code, counted with each: {} bytes: {}", with_separators(budget.code_bytes()), names);
}

/// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text, 4'000)) {
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '<' || c == '[') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string check_text(const std::vector<CheckedFile>& files, const Style& style) {
  std::string text;
  for (const CheckedFile& file : files) {
    text += fmt::format("{}: {}\n", printable(file.report.name),
                        file.error.empty() ? budget_line(file.budget, style)
                                           : style.red("ERROR") + ": " + printable(file.error, 4'000));
  }
  if (files.empty()) return text;
  if (const std::string code = code_line(files.front().budget); !code.empty()) text += code + "\n";
  if (files.size() > 1) text += style.bold(verdict_on_all(files)) + "\n";
  return text;
}

std::string check_markdown(const std::vector<CheckedFile>& files) {
  std::string text = "| file | bytes | limit | left | |\n|---|--:|--:|--:|---|\n";
  for (const CheckedFile& file : files) {
    const BudgetReport& budget = file.budget;
    if (!file.error.empty()) {
      text += fmt::format("| {} | | | | **ERROR**: {} |\n", cell(file.report.name), cell(file.error));
      continue;
    }
    text += fmt::format("| {} | {} | {} | {} | {} |\n", cell(file.report.name),
                        with_separators(budget.total_bytes()), with_separators(budget.limit_bytes),
                        with_sign(budget.margin_bytes()), budget.fits() ? "fits" : "**OVER**");
  }
  if (!files.empty()) {
    if (const std::string code = code_line(files.front().budget); !code.empty())
      text += "\n" + cell(code) + "\n";
  }
  return text + "\n" + verdict_on_all(files) + "\n";
}

}  // namespace golf
