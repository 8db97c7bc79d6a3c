#include "golf/artifact/budget/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr uint64_t kSixteenMebibytes = uint64_t{16} << 20;

struct Unit {
  std::string_view suffix;
  uint64_t bytes;
};
constexpr std::array<Unit, 6> kUnits = {
    {{"", 1}, {"B", 1}, {"kB", 1'000}, {"KB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}}};

/// A unit that is refused, with the one that was perhaps meant.
struct BinaryUnit {
  std::string_view suffix;
  uint64_t bytes;
  std::string_view decimal;
};
constexpr std::array<BinaryUnit, 3> kBinaryUnits = {
    {{"KiB", uint64_t{1} << 10, "kB"}, {"MiB", uint64_t{1} << 20, "MB"}, {"GiB", uint64_t{1} << 30, "GB"}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

[[noreturn]] void fail_count(std::string_view text, std::string_view problem) {
  fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\": {}", printable(text), problem));
}

/// The digits of a whole number; commas and underscores must part groups of three.
std::optional<std::string> ungroup(std::string_view number) {
  std::string digits;
  size_t group = 0;  // digits since the last separator
  bool grouped = false;
  for (const char c : number) {
    if (is_digit(c)) {
      digits += c;
      ++group;
      continue;
    }
    if ((c != ',' && c != '_') || group == 0 || group > 3 || (grouped && group != 3)) return std::nullopt;
    grouped = true;
    group = 0;
  }
  if (digits.empty() || (grouped && group != 3)) return std::nullopt;
  return digits;
}

/// The digits as an integer, or nothing when it passes 64 bits.
std::optional<uint64_t> to_integer(std::string_view digits) {
  std::optional<uint64_t> value = 0;
  for (const char digit : digits) {
    value = checked_mul<uint64_t>(*value, 10);
    if (value) value = checked_add<uint64_t>(*value, static_cast<uint64_t>(digit - '0'));
    if (!value) return std::nullopt;
  }
  return value;
}

}  // namespace

uint64_t BudgetReport::code_bytes() const {
  uint64_t total = 0;
  for (const CodeFile& file : code) total += file.bytes;
  return total;
}

bool BudgetReport::over_by_mebibyte_confusion() const {
  return limit_bytes == kBudgetBytes && !fits() && total_bytes() <= kSixteenMebibytes;
}

Json to_json(const BudgetReport& budget) {
  Json code = Json::array();
  for (const CodeFile& file : budget.code) {
    code.push_back(Json::object({{"path", file.path}, {"bytes", file.bytes}}));
  }
  return Json::object({{"limit_bytes", budget.limit_bytes},
                       {"total_bytes", budget.total_bytes()},
                       {"artifact_bytes", budget.artifact_bytes},
                       {"code_bytes", budget.code_bytes()},
                       {"code", std::move(code)},
                       {"fits", budget.fits()},
                       {"margin_bytes", budget.margin_bytes()},
                       {"headroom_bytes", budget.headroom_bytes},
                       {"low_headroom", budget.low_headroom()},
                       {"over_but_under_16_mib", budget.over_by_mebibyte_confusion()}});
}

uint64_t parse_byte_count(std::string_view text) {
  const auto* number_end = std::find_if(
      text.begin(), text.end(), [](char c) { return !is_digit(c) && c != ',' && c != '_' && c != '.'; });
  const std::string_view number = text.substr(0, static_cast<size_t>(number_end - text.begin()));
  std::string_view suffix = text.substr(number.size());
  if (suffix.size() > 1 && suffix.front() == ' ') suffix.remove_prefix(1);
  for (const BinaryUnit& binary : kBinaryUnits) {
    if (suffix != binary.suffix) continue;
    fail_count(text, fmt::format("a {} is {} bytes, and the budget counts in thousands: give {}{} or a plain "
                                 "number of bytes",
                                 suffix, binary.bytes, number, binary.decimal));
  }
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& entry) { return entry.suffix == suffix; });
  if (unit == kUnits.end()) fail_count(text, "a number of bytes expected, such as 16000000, 16MB or 900kB");

  const size_t point = number.find('.');
  auto whole = ungroup(number.substr(0, point));
  std::string fraction(point == std::string_view::npos ? "" : number.substr(point + 1));
  if (!whole || (point != std::string_view::npos && fraction.empty()) ||
      !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
    fail_count(text, "a number of bytes expected, such as 16000000, 16MB or 900kB");
  }
  // Exact arithmetic: the fraction's digits extend the whole number, the unit shrinks by as many tens.
  uint64_t scale = unit->bytes;
  while (!fraction.empty() && scale > 1) {
    scale /= 10;
    *whole += fraction.front();
    fraction.erase(0, 1);
  }
  if (fraction.find_first_not_of('0') != std::string::npos) fail_count(text, "not a whole number of bytes");
  const auto value = to_integer(*whole);
  const auto bytes = value ? checked_mul<uint64_t>(*value, scale) : std::nullopt;
  if (!bytes) fail_count(text, "too large a number of bytes");
  return *bytes;
}

}  // namespace golf
