// docs/MODELS.md lists what the features' declarations say.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/feature_declaration.h"
#include "support/reference_data.h"

namespace golf {
namespace {

std::string standard_text(const SettingRow& row) {
  if (row.kind == SettingRow::Kind::kSection || row.standard.is_null()) return "absent";
  return row.standard.is_string() ? row.standard.as_string() : row.standard.dump();
}

void add_settings(std::string& text, const std::string& prefix, const std::vector<SettingRow>& rows) {
  for (const SettingRow& row : rows) {
    std::string choices;
    for (const std::string_view choice : row.choices) {
      choices += fmt::format("{}`{}`", choices.empty() ? "; " : ", ", choice);
    }
    text += fmt::format("| `{}{}` | {} | {}{} |\n", prefix, row.key, standard_text(row), row.help, choices);
    add_settings(text, fmt::format("{}{}.", prefix, row.key), row.section);
  }
}

std::string feature_section(const FeatureDeclaration& feature) {
  std::string text = fmt::format("### {}\n\n{}.\n", feature.name, feature.summary);
  if (!feature.settings.empty()) {
    text += "\n| setting | default | meaning |\n|---|---|---|\n";
    add_settings(text, "", feature.settings);
  }
  if (!feature.parameters.empty()) {
    text += "\n| parameter | role | optimizer group |\n|---|---|---|\n";
    for (const ParameterKind& kind : feature.parameters) {
      text += fmt::format("| `{}` | {} | {} |\n", kind.name, role_name(kind.role), kind.group);
    }
  }
  return text;
}

/// The page wraps a summary where a line would grow too long.
std::string unwrapped(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

TEST(FeatureDocs, ListEverySettingAndParameter) {
  const Bytes bytes = read_file(test::source_file("docs/MODELS.md"));
  const std::string page = unwrapped({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const FeatureDeclaration& feature : feature_declarations()) {
    const std::string section = feature_section(feature);
    EXPECT_NE(page.find(unwrapped(section)), std::string::npos) << "docs/MODELS.md should say:\n" << section;
  }
}

}  // namespace
}  // namespace golf
