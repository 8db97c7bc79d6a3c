#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf_pack/commands.h"

namespace golf {
namespace {

std::string list_text(const Style& style) {
  TextTable table({{"recipe", Align::kLeft},
                   {"codec", Align::kLeft},
                   {"ptz", Align::kLeft},
                   {"", Align::kLeft, Fit::kWrap}});
  for (const QuantRecipe& recipe : builtin_recipes()) {
    table.add(
        {recipe.name, recipe.codec, recipe.ptz_layout.empty() ? "-" : recipe.ptz_layout, recipe.summary});
  }
  return table.render(style);
}

Json list_json() {
  Json rows = Json::array();
  for (const QuantRecipe& recipe : builtin_recipes()) {
    rows.push_back(Json::object({{"name", recipe.name},
                                 {"summary", recipe.summary},
                                 {"codec", recipe.codec},
                                 {"ptz_layout", recipe.ptz_layout}}));
  }
  return Json::object({{"schema", "golf.recipes/1"}, {"recipes", std::move(rows)}});
}

ExitCode recipes_command(const std::string& name, const CommonOptions& common) {
  Console console("golf-pack", common);
  if (!name.empty()) {
    console.result_json(to_json(parse_option("", [&] { return load_recipe(name); })));
  } else if (common.json) {
    console.result_json(list_json());
  } else {
    console.report(list_text(console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_recipes_command(CommandLine& line) {
  const auto name = std::make_shared<std::string>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-pack recipes",
          .usage = "[NAME] [OPTIONS]",
          .description = "Lists the built-in recipes, or prints one as the JSON that --recipe takes.",
          .examples = "golf-pack recipes\n"
                      "golf-pack recipes best >mine.json",
      },
      [name](const CommonOptions& common) { return recipes_command(*name, common); });
  app.add_option("NAME", *name, "built-in recipe, or a JSON file to check")
      ->check(known_values(names_in(builtin_recipes())));
}

}  // namespace golf
