#include "golf/artifact/quantize/quant_recipe.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/encode/codec.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

QuantRecipe from_text(const std::string& text) {
  const test::TempDir dir;
  write_file_atomic(dir.file("r.json"), as_bytes(text));
  return load_recipe(dir.file("r.json"));
}

TEST(QuantRecipe, BuiltInOnesAreValidAndSurviveJson) {
  for (const QuantRecipe& recipe : builtin_recipes()) {
    validate(recipe);
    EXPECT_EQ(load_recipe(recipe.name), recipe);
    EXPECT_EQ(from_text(to_json(recipe).dump(2)), recipe) << recipe.name;
  }
}

TEST(QuantRecipe, SamplesEqualTheBuiltInOnes) {
  for (const char* name : {"baseline-int8", "mixed-int6"}) {
    EXPECT_EQ(load_recipe(test::source_file(std::string("samples/recipes/") + name + ".json")),
              load_recipe(name));
  }
  EXPECT_EQ(load_recipe(test::source_file("samples/recipes/int5-mlp.json")).codec, "brotli:11");
}

TEST(QuantRecipe, PrintsOnlyTheConditionsThatARuleHas) {
  EXPECT_EQ(to_json(QuantRule{.role = "mlp", .scheme = "int6"}).dump(), R"({"role":"mlp","scheme":"int6"})");
}

TEST(QuantRecipe, NamesTheRuleThatIsWrong) {
  EXPECT_GOLF_ERROR(from_text(R"({"rules": [{"scheme": "keep"}, {"scheme": "int3"}]})"),
                    ErrorCode::kInvalidArgument, "r.json: rules[1]: scheme \"int3\" is not one of: int4");
  EXPECT_GOLF_ERROR(from_text(R"({"rules": [{"role": "embedding", "scheme": "keep"}]})"),
                    ErrorCode::kInvalidArgument, "role \"embedding\" is not one of: embeddings, head");
  EXPECT_GOLF_ERROR(from_text(R"({"rules": [{"match": "(", "scheme": "keep"}]})"),
                    ErrorCode::kInvalidArgument, "\"(\" is not a regular expression");
  EXPECT_GOLF_ERROR(from_text(R"x({"rules": [{"match": "a(?=b)", "scheme": "keep"}]})x"),
                    ErrorCode::kInvalidArgument, "\"a(?=b)\" is not a regular expression (RE2)");
  // Nesting that would exhaust the stack of a backtracking matcher.
  const std::string deep = std::string(30'000, '(') + std::string(30'000, ')');
  EXPECT_NO_THROW(from_text(R"({"rules": [{"match": ")" + deep + R"(", "scheme": "keep"}]})"));
  EXPECT_GOLF_ERROR(from_text(R"({"rules": [{"dtypes": ["f32"], "scheme": "keep"}]})"),
                    ErrorCode::kInvalidArgument, "dtype \"f32\"");
  EXPECT_GOLF_ERROR(from_text(R"({"rules": [{"rol": "mlp", "scheme": "keep"}]})"),
                    ErrorCode::kInvalidArgument, "rules[0]: unknown key \"rol\": did you mean \"role\"?");
  EXPECT_GOLF_ERROR(from_text(R"({"rules": {}})"), ErrorCode::kInvalidArgument, "rules: is not a JSON array");
  EXPECT_GOLF_ERROR(from_text(R"({"codec": "zip"})"), ErrorCode::kInvalidArgument, "codec \"zip\"");
  EXPECT_GOLF_ERROR(from_text(R"({"keep_float_max": -1})"), ErrorCode::kInvalidArgument, "keep_float_max -1");
}

TEST(QuantRecipe, SuggestsTheRecipeThatWasMeant) {
  EXPECT_GOLF_ERROR(load_recipe("baseline-int9"), ErrorCode::kInvalidArgument,
                    "did you mean \"baseline-int8\"?");
  EXPECT_GOLF_ERROR(load_recipe("best-of-all"), ErrorCode::kInvalidArgument,
                    "give one of these or a JSON file");
  EXPECT_GOLF_ERROR(load_recipe("absent.json"), ErrorCode::kInvalidArgument, "absent.json");
}

TEST(QuantRecipe, BaselineInt8KeepsInFloat32WhatTheReferenceNames) {
  TensorSet tensors;
  for (const char* name : {"skip_weights", "skip_gates", "blocks.0.attn_scale", "parallel_post_lambdas"}) {
    tensors.add(name, make_tensor(DType::kF32, {2, 8}));
  }
  std::vector<std::string> schemes;
  for (const SchemeChoice& choice : choose_schemes(tensors, load_recipe("baseline-int8"), {})) {
    schemes.push_back(choice.scheme);
  }
  EXPECT_EQ(schemes, (std::vector<std::string>{"fp32", "fp16", "fp32", "fp16"}));
}

TEST(SchemeOverride, SplitsAtTheLastEqualsSign) {
  const SchemeOverride parsed = parse_override("a(=b)=int6");
  EXPECT_EQ(parsed.regex, "a(=b)");
  EXPECT_EQ(parsed.scheme, "int6");
  EXPECT_GOLF_ERROR(parse_override("tok_emb"), ErrorCode::kInvalidArgument, "REGEX=SCHEME");
  EXPECT_GOLF_ERROR(parse_override("=int6"), ErrorCode::kInvalidArgument, "REGEX=SCHEME");
  EXPECT_GOLF_ERROR(parse_override("tok=int2"), ErrorCode::kInvalidArgument, "scheme \"int2\"");
  EXPECT_GOLF_ERROR(parse_override("[=int4"), ErrorCode::kInvalidArgument, "not a regular expression");
}

}  // namespace
}  // namespace golf
