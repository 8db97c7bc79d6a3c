#include "golf_pack/recipe_views.h"

#include "common/text_table.h"
#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

std::string recipe_list_text(const Style& style) {
  TextTable table(
      {{"recipe", Align::kLeft}, {"codec", Align::kLeft}, {"ptz", Align::kLeft}, {"", Align::kLeft}});
  for (const QuantRecipe& recipe : builtin_recipes()) {
    table.add(
        {recipe.name, recipe.codec, recipe.ptz_layout.empty() ? "-" : recipe.ptz_layout, recipe.summary});
  }
  return table.render(style);
}

Json recipe_list_json() {
  Json rows = Json::array();
  for (const QuantRecipe& recipe : builtin_recipes()) {
    Json row = Json::object();
    row["name"] = recipe.name;
    row["summary"] = recipe.summary;
    row["codec"] = recipe.codec;
    row["ptz_layout"] = recipe.ptz_layout;
    rows.push_back(std::move(row));
  }
  Json json = Json::object();
  json["schema"] = "golf.recipes/1";
  json["recipes"] = std::move(rows);
  return json;
}

}  // namespace golf
