#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

using Kind = InitialValue::Kind;

void check_layers(const ModelConfig& config, const FeatureSettings& settings) {
  const std::vector<int64_t> layers = settings.integers("layers");
  require(!layers.empty(), "model.value_embedding.layers", "names no layer");
  int64_t above = -1;
  for (const int64_t layer : layers) {
    require_range("model.value_embedding.layers", layer, 0, config.num_layers - 1);
    require(layer > above, "model.value_embedding.layers", fmt::format("{} is out of order", layer));
    above = layer;
  }
}

void read(FeatureVariables& variables) {
  if (const auto on = variables.flag("VE_ENABLED")) variables.turn(*on, "VE_ENABLED");
  if (const auto list = variables.text("VE_LAYERS")) {
    Json layers;
    try {
      layers = parse_json("[" + *list + "]", "VE_LAYERS");
    } catch (const Error&) {
      variables.refuse("VE_LAYERS", "is not a list of layers such as 9,10");
    }
    variables.set("layers", std::move(layers), "VE_LAYERS");
  }
  variables.take_integer("VE_DIM", "dim");
}

}  // namespace

FeatureDeclaration value_embedding() {
  return {
      .name = "value_embedding",
      .order = 30,
      .summary = "a second embedding of the token is added to the attention values of some layers (PR 993)",
      .settings = {{.key = "dim",
                    .kind = SettingRow::Kind::kInteger,
                    .standard = 128,
                    .help = "columns of the table; unless equal to the values' width, a projection follows",
                    .low = 1,
                    .high = 65'536},
                   {.key = "layers",
                    .kind = SettingRow::Kind::kIntegers,
                    .standard = Json::array(),
                    .help = "the layers that have it, ascending, counted from 0"}},
      .parameters = {{.name = "ve_shared.scale",
                      .role = TensorRole::kGate,
                      .place = {Site::kAfterBlocks, 10},
                      .initial = {.value = 0.1},
                      .group = "controls",
                      .shape = [](const ModelConfig&, const FeatureSettings&) { return Shape{}; }},
                     {.name = "ve_shared.embed.weight",
                      .role = TensorRole::kTable,
                      .place = {Site::kAfterBlocks, 11},
                      .initial = {.kind = Kind::kTable, .value = 0.01},
                      .group = "side_table",
                      .shape =
                          [](const ModelConfig& c, const FeatureSettings& s) {
                            return Shape{c.vocab_size, s.integer("dim")};
                          }},
                     {.name = "ve_shared.proj.weight",
                      .role = TensorRole::kTable,
                      .place = {Site::kAfterBlocks, 12},
                      .initial = {.kind = Kind::kSideMatrix},
                      .group = "side_projection",
                      .shape =
                          [](const ModelConfig& c, const FeatureSettings& s) {
                            return Shape{c.kv_dim(), s.integer("dim")};
                          },
                      .present = [](const ModelConfig& c,
                                    const FeatureSettings& s) { return s.integer("dim") != c.kv_dim(); }},
                     {.name = "ve_layer_scales.{}",
                      .role = TensorRole::kGate,
                      .place = {Site::kAfterBlocks, 13},
                      .initial = {},
                      .group = "controls",
                      .shape = [](const ModelConfig&, const FeatureSettings&) { return Shape{1}; },
                      .count =
                          [](const ModelConfig&, const FeatureSettings& s) {
                            return static_cast<int64_t>(s.integers("layers").size());
                          }}},
      .validate = check_layers,
      .read_variables = read,
  };
}

}  // namespace golf::features
