#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

using Kind = InitialValue::Kind;

bool in_layers(const ModelConfig&, const FeatureSettings& s) { return s.choice("site") == "every_layer"; }
bool at_input(const ModelConfig& c, const FeatureSettings& s) { return !in_layers(c, s); }
bool is_projected(const ModelConfig& c, const FeatureSettings& s) { return s.integer("dim") != c.model_dim; }

Shape table(const ModelConfig&, const FeatureSettings& s) { return {s.integer("buckets"), s.integer("dim")}; }
Shape projection(const ModelConfig& c, const FeatureSettings& s) { return {c.model_dim, s.integer("dim")}; }

ParameterKind weight(std::string_view name, Place place, decltype(ParameterKind::shape) shape,
                     decltype(ParameterKind::present) present) {
  return {.name = name,
          .role = TensorRole::kGate,
          .place = place,
          .initial = {.value = 0.05},
          .group = "controls",
          .shape = shape,
          .present = present};
}

ParameterKind lookup(std::string_view name, Place place, decltype(ParameterKind::present) present) {
  return {.name = name,
          .role = TensorRole::kTable,
          .place = place,
          .initial = {.kind = Kind::kTable, .value = 0.0},
          .group = "side_table",
          .shape = table,
          .present = present};
}

}  // namespace

FeatureDeclaration bigram_hash() {
  return {
      .name = "bigram_hash",
      .order = 20,
      .summary = "a vector for each hashed pair of neighboring tokens is added to the stream",
      .settings =
          {{.key = "site",
            .kind = SettingRow::Kind::kChoice,
            .standard = "input",
            .help = "added to the embedding (PRs 262, 993) or before every block, each with its own weight "
                    "(PR 192)",
            .choices = {"input", "every_layer"}},
           {.key = "buckets",
            .kind = SettingRow::Kind::kInteger,
            .standard = 2048,
            .help = "rows of the table; the last is for positions without a predecessor",
            .low = 2,
            .high = 1 << 24},
           {.key = "dim",
            .kind = SettingRow::Kind::kInteger,
            .standard = 128,
            .help = "columns; unless equal to model_dim, a projection follows",
            .low = 1,
            .high = 65'536}},
      .parameters =
          {weight(
               "bigram_lambdas", {Site::kOwn, 60},
               [](const ModelConfig& c, const FeatureSettings&) { return Shape{c.num_layers}; }, in_layers),
           weight(
               "bigram.scale", {Site::kAfterEmbedding, 10},
               [](const ModelConfig&, const FeatureSettings&) { return Shape{}; }, at_input),
           lookup("bigram.embed.weight", {Site::kAfterEmbedding, 11}, at_input),
           {.name = "bigram.proj.weight",
            .role = TensorRole::kTable,
            .place = {Site::kAfterEmbedding, 12},
            .initial = {.kind = Kind::kSideMatrix, .shrinks_with_depth = true},  // PR 262
            .group = "side_projection",
            .shape = projection,
            .present = [](const ModelConfig& c,
                          const FeatureSettings& s) { return at_input(c, s) && is_projected(c, s); }},
           lookup("bigram_embed.weight", {Site::kLast, 20}, in_layers),
           {.name = "bigram_proj.weight",
            .role = TensorRole::kTable,
            .place = {Site::kLast, 21},
            .initial = {.kind = Kind::kZeroMatrix},
            .group = "side_projection",
            .shape = projection,
            .present = [](const ModelConfig& c,
                          const FeatureSettings& s) { return in_layers(c, s) && is_projected(c, s); }}},
      .read_variables =
          [](FeatureVariables& variables) {
            const int64_t model_dim = variables.model().model_dim;
            if (const auto on = variables.flag("BIGRAM_HASH")) {
              const bool added = *on && !variables.has();
              variables.turn(*on, "BIGRAM_HASH");
              if (added) {  // PR 192
                variables.set("site", "every_layer", "BIGRAM_HASH");
                variables.set("buckets", 4096, "BIGRAM_HASH");
                variables.set("dim", model_dim, "BIGRAM_HASH");
              }
            }
            if (const auto buckets = variables.integer("BIGRAM_VOCAB_SIZE")) {
              if (*buckets == 0) {
                variables.turn(false, "BIGRAM_VOCAB_SIZE");
              } else {
                variables.set("buckets", *buckets, "BIGRAM_VOCAB_SIZE");
              }
            }
            if (const auto dim = variables.integer("BIGRAM_DIM"); dim && variables.has()) {
              variables.set("dim", *dim == 0 ? model_dim : *dim, "BIGRAM_DIM");
            }
          },
  };
}

}  // namespace golf::features
