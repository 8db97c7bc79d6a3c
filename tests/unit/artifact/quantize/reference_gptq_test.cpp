// GPTQ, gates, LQER and AWQ-lite of PR 1394 and its descendants, against what their own programs store.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <span>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/calibration.h"
#include "golf/artifact/quantize/quantizer.h"
#include "quantize/corrections.h"
#include "quantize/gptq.h"
#include "quantize/low_rank.h"
#include "quantize_inputs.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf {
namespace {

Json read_json(const std::string& name) { return read_json_file(test::reference_data() + "/" + name); }

int bits_of(int64_t clip_range) { return static_cast<int>(std::lround(std::log2(clip_range + 1))) + 1; }

size_t count_different(const Tensor& found, const Tensor& expected) {
  EXPECT_EQ(found.shape, expected.shape);
  const auto a = found.values<int8_t>();
  const auto b = expected.values<int8_t>();
  size_t different = 0;
  for (size_t i = 0; i < a.size(); ++i) different += a[i] != b[i] ? 1 : 0;
  return different;
}

/// Whether a Hessian's diagonal has equal entries. GPTQ takes columns by descending diagonal, and the
/// submissions' sort is not stable: the order of equal ones is a fact of their library.
bool has_ties(std::span<const float> hessian, int64_t columns) {
  std::set<float> diagonal;
  for (int64_t j = 0; j < columns; ++j) diagonal.insert(hessian[static_cast<size_t>(j * columns + j)]);
  return std::ssize(diagonal) < columns;
}

TEST(ReferenceGptq, GivesTheIntegersOfPr1493sCases) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet tensors = test::reference_tensors("pr1493/gptq_cases.safetensors");
  const Json document = read_json("pr1493/gptq_cases.json");
  for (const auto& [name, entry] : document.at("cases").as_object()) {
    SCOPED_TRACE(name);
    const GptqRule rule{.bits = bits_of(entry.at("Q").as_int()), .deviations = entry.at("k").as_double()};
    const StoredTensor stored =
        store_gptq(tensors.at(name + ".W"), rule, tensors.at(name + ".H").values<float>());
    EXPECT_TRUE(stored.scales == tensors.at(name + ".s"));
    const size_t different = count_different(stored.values, tensors.at(name + ".q"));
    // Diagonals that tie in pairs: their order is the library's own there.
    if (name == "duplicate_inputs") {
      EXPECT_LE(different, 334U);
    } else {
      EXPECT_EQ(different, 0U);
    }
  }
}

TEST(ReferenceGptq, GivesTheIntegersOfPr1855sCases) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet tensors = test::reference_tensors("pr1855/quant_cases.safetensors");
  const Json document = read_json("pr1855/quant_cases.json");
  for (const Json& entry : document.at("cases").as_array()) {
    const std::string name = entry.at("name").as_string();
    const std::string kind = entry.at("kind").as_string();
    SCOPED_TRACE(name);
    if (kind == "gptq") {
      const GptqRule rule{.bits = bits_of(entry.at("clip_range").as_int()),
                          .deviations = entry.at("clip_sigmas").as_double()};
      const StoredTensor stored =
          store_gptq(tensors.at(name + ".W"), rule, tensors.at(name + ".H").values<float>());
      EXPECT_TRUE(stored.scales == tensors.at(name + ".s"));
      EXPECT_EQ(count_different(stored.values, tensors.at(name + ".Q")), 0U);
    } else if (kind == "gate_int8_row") {
      const StoredTensor stored = test::store_as("int8-gate", tensors.at(name + ".W"));
      EXPECT_TRUE(stored.values == tensors.at(name + ".gq"));
      EXPECT_TRUE(stored.scales == tensors.at(name + ".gs"));
    }
  }
}

double norm(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

/// What is left of `errors` after a correction.
double norm_after(std::span<const float> errors, size_t columns, const LowRank& correction) {
  const std::vector<float> a = low_rank_factor_a(correction);
  const std::vector<float> b = low_rank_factor_b(correction);
  const size_t rank = b.size() / columns;
  std::vector<float> left(errors.begin(), errors.end());
  for (size_t i = 0; i < left.size(); ++i) {
    for (size_t k = 0; k < rank; ++k) left[i] -= a[i / columns * rank + k] * b[k * columns + i % columns];
  }
  return norm(left);
}

TEST(ReferenceGptq, QuantizesLowRankFactorsAsPr1855Does) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet tensors = test::reference_tensors("pr1855/quant_cases.safetensors");
  const Json document = read_json("pr1855/quant_cases.json");
  for (const Json& entry : document.at("cases").as_array()) {
    if (!entry.at("kind").as_string().starts_with("lqer")) continue;
    const std::string name = entry.at("name").as_string();
    SCOPED_TRACE(name);
    const auto a = tensors.at(name + ".A").values<float>();
    const auto b = tensors.at(name + ".B").values<float>();
    const LowRankFactors given{.rank = static_cast<size_t>(entry.at("rank").as_int()),
                               .a = {a.begin(), a.end()},
                               .b = {b.begin(), b.end()}};
    const LowRank packed = quantize_low_rank(given, static_cast<size_t>(entry.at("group").as_int()));
    EXPECT_TRUE(packed.a == tensors.at(name + ".qA"));
    EXPECT_TRUE(packed.a_scales == tensors.at(name + ".sA"));
    EXPECT_TRUE(packed.b == tensors.at(name + ".qB"));
    EXPECT_TRUE(packed.b_scales == tensors.at(name + ".sB"));

    // The project's own decomposition, whose signs are its own, leaves about the same error.
    const Tensor& errors = tensors.at(name + ".E");
    const auto columns = static_cast<size_t>(errors.shape[1]);
    const LowRankFactors own = low_rank_factors(errors.values<float>(), columns, given.rank);
    EXPECT_LE(norm_after(errors.values<float>(), columns,
                         quantize_low_rank(own, static_cast<size_t>(entry.at("group").as_int()))),
              1.1 * entry.at("after_fro").as_double() + 1e-9);
    double product = 0.0;
    for (size_t k = 0; k < given.rank; ++k) {
      double dot = 0.0;
      for (size_t c = 0; c < columns; ++c) {
        dot += static_cast<double>(own.b[k * columns + c]) * static_cast<double>(given.b[k * columns + c]);
      }
      product += std::fabs(dot);
    }
    if (entry.at("E_fro").as_double() > 0) {
      EXPECT_NEAR(product, static_cast<double>(given.rank), 1e-4)
          << "the singular vectors are the same but for signs";
    }
  }
}

TEST(ReferenceGptq, GivesColumnsOfAGroupFinerScales) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet tensors = test::reference_tensors("pr2135/awq_cases.safetensors");
  const Json document = read_json("pr2135/awq_cases.json");
  for (const Json& entry : document.at("cases").as_array()) {
    if (entry.at("kind").as_string() != "solver") continue;
    const std::string name = entry.at("name").as_string();
    const std::string prefix = "solver." + name + ".";
    SCOPED_TRACE(name);
    std::vector<int64_t> starts;
    if (!entry.at("starts").is_null()) {
      for (const Json& start : entry.at("starts").as_array()) starts.push_back(start.as_int());
    }
    const GptqRule rule{.bits = bits_of(entry.at("clip_range").as_int()),
                        .deviations = entry.at("clip_sigmas").as_double(),
                        .fine_starts = starts,
                        .fine_size = entry.at("group_size").as_int()};
    const StoredTensor stored =
        store_gptq(tensors.at(prefix + "W"), rule, tensors.at(prefix + "H").values<float>());
    EXPECT_EQ(count_different(stored.values, tensors.at(prefix + "q")), 0U);
    EXPECT_TRUE(stored.scales == tensors.at(prefix + "scale"));
    if (!starts.empty()) {
      EXPECT_TRUE(stored.fine_columns->scales == tensors.at(prefix + "s_hi"));
    }
    EXPECT_TRUE(dequantize(stored) == tensors.at(prefix + "dequantised"));
  }
}

/// One chain case: choice of columns, GPTQ, low-rank corrections.
void check_chain(const Json& entry, const TensorSet& tensors) {
  const std::string prefix = "chain." + entry.at("name").as_string() + ".";
  const auto setting = [&](const std::string& name) -> const Json& {
    const Json& settings = entry.at("settings");
    return settings.find(name) != nullptr ? settings.at(name) : entry.at("defaults").at(name);
  };
  const auto rule_of = [&](const std::string& name) {
    const bool token = name.find("tok_emb") != std::string::npos;
    const std::string part = token                                      ? "embed"
                             : name.find(".mlp.") != std::string::npos  ? "mlp"
                             : name.find(".attn.") != std::string::npos ? "attn"
                                                                        : "matrix";
    return GptqRule{.bits = static_cast<int>(setting(token ? "embed_bits" : "matrix_bits").as_int()),
                    .deviations = setting(part + "_clip_sigmas").as_double()};
  };
  std::vector<std::string> names;
  std::vector<FineCandidate> candidates;
  for (const Json& member : entry.at("state_dict_order").as_array()) {
    const std::string name = member.as_string();
    if (tensors.find(prefix + "H." + name) == nullptr) continue;
    names.push_back(name);
    if (rule_of(name).bits == 8) {
      candidates.push_back({});
    } else {
      candidates.push_back({tensors.at(prefix + "in." + name).values<float>(),
                            tensors.at(prefix + "act_rms." + name).values<float>()});
    }
  }
  const int64_t groups = setting("awq_lite_enabled").as_bool() ? setting("awq_lite_group_top_k").as_int() : 0;
  const auto fine = choose_fine_columns(candidates, groups, setting("awq_lite_group_size").as_int());
  std::vector<StoredTensor> stored;
  std::vector<CorrectionCandidate> corrected;
  for (size_t i = 0; i < names.size(); ++i) {
    GptqRule rule = rule_of(names[i]);
    if (fine[i]) rule.fine_starts = fine[i]->starts, rule.fine_size = fine[i]->size;
    const Tensor& weights = tensors.at(prefix + "in." + names[i]);
    stored.push_back(store_gptq(weights, rule, tensors.at(prefix + "H." + names[i]).values<float>()));
    SCOPED_TRACE(names[i]);
    const std::string place = prefix + "stored." + names[i];
    if (has_ties(tensors.at(prefix + "H." + names[i]).values<float>(), weights.shape[1])) {
      stored[i].values = tensors.at(place + ".q");  // What follows is checked from the submission's integers.
    }
    EXPECT_EQ(count_different(stored[i].values, tensors.at(place + ".q")), 0U);
    EXPECT_TRUE(stored[i].scales == tensors.at(place + ".scale"));
    const Tensor* starts = tensors.find(place + ".awqg_start");
    ASSERT_EQ(fine[i].has_value(), starts != nullptr);
    if (!fine[i]) continue;
    const auto expected = starts->values<int16_t>();
    EXPECT_EQ(fine[i]->starts, (std::vector<int64_t>(expected.begin(), expected.end())));
    EXPECT_TRUE(stored[i].fine_columns->scales == tensors.at(place + ".awqg_s_hi"));
  }
  // The submissions' selection by gain and by scope is off in all of them.
  if (!setting("lqer_enabled").as_bool() || setting("lqer_gain_select").as_bool()) return;
  for (size_t i = 0; i < names.size(); ++i) {
    corrected.push_back({&stored[i], tensors.at(prefix + "in." + names[i]).values<float>()});
  }
  add_low_rank_corrections(corrected, setting("lqer_top_k").as_int(), setting("lqer_rank").as_int(),
                           setting("lqer_asym_group").as_int(), 1);
  size_t place = 0;
  std::vector<std::string> expected;
  for (const Json& key : entry.at("stored_order").as_array()) {
    const std::string& text = key.as_string();
    for (const std::string end : {".lqA", ".lqA_a"}) {
      if (text.ends_with(end)) expected.push_back(text.substr(0, text.size() - end.size()));
    }
  }
  for (size_t i = 0; i < names.size(); ++i) place += stored[i].low_rank ? 1 : 0;
  EXPECT_EQ(place, expected.size());
  for (size_t i = 0; i < names.size(); ++i) {
    SCOPED_TRACE(names[i]);
    if (stored[i].low_rank) {
      EXPECT_EQ(expected.at(stored[i].low_rank->place), names[i]);
    }
    std::vector<float> errors = to_f32(dequantize(stored[i]));
    for (size_t k = 0; k < errors.size(); ++k) errors[k] -= corrected[i].weights[k];
    EXPECT_LE(norm(errors), 1.1 * entry.at("err_after").at(names[i]).as_double());
    // From the submissions' own factors the decoded weights are theirs to the bit.
    const std::string key = prefix + "stored." + names[i];
    const bool asymmetric = tensors.find(key + ".lqA_a") != nullptr;
    if (!asymmetric && tensors.find(key + ".lqA") == nullptr) continue;
    const std::string end = asymmetric ? "_a" : "";
    stored[i].low_rank =
        LowRank{.scales = asymmetric ? LowRank::Scales::kAsymmetric : LowRank::Scales::kSymmetric,
                .a = tensors.at(key + ".lqA" + end),
                .a_scales = tensors.at(key + ".lqAs" + end),
                .b = tensors.at(key + ".lqB" + end),
                .b_scales = tensors.at(key + ".lqBs" + end)};
    EXPECT_TRUE(dequantize(stored[i]) == tensors.at(prefix + "dequantised." + names[i]));
  }
}

TEST(ReferenceGptq, FollowsTheWholeChainOfPr2014) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet tensors = test::reference_tensors("pr2135/awq_cases.safetensors");
  const Json document = read_json("pr2135/awq_cases.json");
  for (const Json& entry : document.at("cases").as_array()) {
    if (entry.at("kind").as_string() != "chain") continue;
    SCOPED_TRACE(entry.at("name").as_string());
    check_chain(entry, tensors);
  }
}

/// A calibration of given Hessians; queries, keys and values share theirs.
Calibration calibration_of(const std::string& name) {
  TensorSet file;
  const std::vector<std::string> kinds = {"c_q", "c_k", "c_v"};
  for (const auto& [weight, hessian] : test::reference_tensors(name)) {
    const size_t place = std::min({weight.find("c_q"), weight.find("c_k"), weight.find("c_v")});
    if (place == std::string::npos) {
      file.add(weight, hessian);
      continue;
    }
    for (const std::string& kind : kinds) file.add(std::string(weight).replace(place, 3, kind), hessian);
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "4096"}};
  return {std::move(file), name};
}

/// Integers that differ from the submission's.
struct Difference {
  size_t integers = 0;
  int largest = 0;
};

Difference difference(const StoredTensor& found, const Tensor& expected) {
  Difference result{.integers = count_different(found.values, expected)};
  const auto a = found.values.values<int8_t>(), b = expected.values<int8_t>();
  for (size_t i = 0; i < a.size(); ++i) result.largest = std::max(result.largest, std::abs(a[i] - b[i]));
  return result;
}

TEST(ReferenceGptq, RecipePr1493StoresWhatItsProgramStores) {
  GOLF_NEED_REFERENCE_DATA();
  QuantRecipe recipe = load_recipe("pr1493");
  const Calibration calibration = calibration_of("pr1493/hessians.safetensors");
  recipe.keep_float_max = 4'096;
  const StoredModel model =
      quantize(test::reference_tensors("pr1493/final.safetensors"), recipe, {.calibration = &calibration});
  const Artifact expected =
      decode_artifact(read_file(test::reference_data() + "/pr1493/artifact.int6.ptz"), "pr1493");
  ASSERT_EQ(model.tensors.size(), expected.model.tensors.size());
  size_t matrices = 0;
  for (const StoredTensor& stored : model.tensors) {
    SCOPED_TRACE(stored.name);
    const auto& all = expected.model.tensors;
    const auto theirs =
        std::find_if(all.begin(), all.end(), [&](const auto& tensor) { return tensor.name == stored.name; });
    ASSERT_NE(theirs, all.end());
    EXPECT_TRUE(stored.scales == theirs->scales);
    if (stored.encoding == Encoding::kPassthrough) {
      EXPECT_TRUE(stored.values == theirs->values);
    } else {
      EXPECT_EQ(difference(stored, theirs->values).integers, 0U);
      ++matrices;
    }
  }
  EXPECT_EQ(matrices, 43U);
}

// Source: docs/SUBMISSIONS.md, PR 1394 and PR 1493, Artifact, Repacking.
TEST(ReferenceGptq, RecipePr1855StoresWhatItsProgramStoresButForRounding) {
  GOLF_NEED_REFERENCE_DATA();
  const Calibration calibration = calibration_of("pr1855/hessians.safetensors");
  const TensorSet expected = test::reference_tensors("pr1855/quantized_tensors.safetensors");
  const LoadedModel weights = load_model(test::reference_data() + "/pr1855/final.safetensors", std::nullopt);
  QuantRecipe recipe = load_recipe("pr1855");
  recipe.keep_float_max = 4'096;
  recipe.lqer_tensors = 0;
  std::map<std::string, size_t> different;
  size_t matrices = 0;
  for (const StoredTensor& stored :
       quantize(weights.tensors, recipe, {.calibration = &calibration}).tensors) {
    const Tensor* codes = expected.find(stored.name + ".q");
    if (codes == nullptr || calibration.of(stored.name).hessian.empty()) continue;
    SCOPED_TRACE(stored.name);
    EXPECT_TRUE(stored.scales == expected.at(stored.name + ".scale"));
    const Difference found = difference(stored, *codes);
    EXPECT_LE(found.largest, 1);
    if (found.integers > 0) different[stored.name] = found.integers;
    ++matrices;
  }
  EXPECT_EQ(matrices, 6U);
  // The submission factors the Hessian and feeds errors forward in float32, this in float64: 9 of the
  // 1,048,576 integers of the token matrix have quotients that near a half.
  EXPECT_EQ(different, (std::map<std::string, size_t>{{"tok_emb.weight", 9}}));
}

}  // namespace
}  // namespace golf
