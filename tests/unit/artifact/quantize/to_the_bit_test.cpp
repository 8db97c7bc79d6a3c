// Every scheme whose integers docs/QUANTIZATION.md promises to the bit, against its rule written down once
// more in the plainest way, on rows that are awkward for it. The submissions' own programs are the other
// witness, where the reference data is present (reference_int8_test.cpp and its neighbors).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>

#include "golf/artifact/base/half.h"
#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {
namespace {

using Floats = std::vector<float>;

float f16(float value) { return f16_to_f32(f32_to_f16(value)); }
float largest(const Floats& row) {
  float result = 0.0F;
  for (const float w : row) result = std::max(result, std::fabs(w));
  return result;
}

/// torch.quantile(|row|, q), linear.
float quantile(Floats row, double q) {
  for (float& w : row) w = std::fabs(w);
  std::sort(row.begin(), row.end());
  const double position = static_cast<double>(static_cast<float>(q)) * static_cast<double>(row.size() - 1);
  const auto below = static_cast<size_t>(position);
  const float a = row[below], b = row[std::min(below + 1, row.size() - 1)];
  const auto f = static_cast<float>(position - static_cast<double>(below));
  return f < 0.5F ? a + f * (b - a) : b - (b - a) * (1.0F - f);
}

/// What a scheme makes of one row, or of a tensor of another rank.
struct Coded {
  std::vector<int> codes;
  float scale;  ///< as stored
};
/// clamp(round(w / divisor), low, high); ties to even as std::nearbyint rounds.
std::vector<int> divided(const Floats& row, float divisor, float low, float high) {
  std::vector<int> codes;
  for (const float w : row)
    codes.push_back(static_cast<int>(std::clamp(std::nearbyint(w / divisor), low, high)));
  return codes;
}

Coded int8_clip(const Floats& row, float limit, bool is_row) {
  const float clip = quantile(row, 99.99984 / 100.0);
  float scale = clip / limit;
  if (is_row) {
    scale = std::max(scale, 1.0F / limit);
  } else if (scale == 0.0F) {
    scale = 1.0F;
  }
  Floats clipped = row;
  for (float& w : clipped) w = std::clamp(w, -clip, clip);
  return {divided(clipped, scale, -limit, limit), is_row ? f16(scale) : scale};
}
Coded symmetric(const Floats& row, int bits, float range_of, bool is_row) {
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  const float scale =
      is_row ? f16(std::max(range_of / limit, 0x1p-14F)) : std::max(range_of / limit, 0x1p-126F);
  return {divided(row, scale, -limit, limit), scale};
}
/// One float16 scale, zeros where it is 0.
Coded one_scale(const Floats& values, float scale, float low) {
  const float stored = f16(scale);
  if (stored == 0.0F) return {std::vector<int>(values.size(), 0), 0.0F};
  return {divided(values, stored, low, 31), stored};
}

std::vector<Coded> rows_of(const std::vector<Floats>& rows, const std::function<Coded(const Floats&)>& rule) {
  std::vector<Coded> result;
  for (const Floats& row : rows) result.push_back(rule(row));
  return result;
}

/// PR 993: the first of five quantiles whose mean squared error over the matrix is least.
std::vector<Coded> int6_pr993(const std::vector<Floats>& rows) {
  std::vector<Coded> best;
  float least = 0.0F;
  for (const double p : {0.999, 0.9995, 0.9999, 0.99999, 1.0}) {
    const std::vector<Coded> coded = rows_of(rows, [p](const Floats& row) {
      const float scale = f16(std::max(quantile(row, p) / 31, 1.0F / 31));
      return Coded{divided(row, scale, -31, 31), scale};
    });
    double sum = 0.0, count = 0.0;
    for (size_t r = 0; r < rows.size(); ++r) {
      for (size_t i = 0; i < rows[r].size(); ++i, ++count) {
        const float error = rows[r][i] - static_cast<float>(coded[r].codes[i]) * coded[r].scale;
        sum += static_cast<double>(error * error);
      }
    }
    const auto mean = static_cast<float>(sum / count);
    if (best.empty() || mean < least) {
      best = coded;
      least = mean;
    }
  }
  return best;
}

struct Rule {
  std::function<std::vector<Coded>(const std::vector<Floats>&)> matrix;
  std::function<Coded(const Floats&)> other;
};

std::map<std::string, Rule> rules() {
  const auto by_row = [](std::function<Coded(const Floats&)> rule) {
    return [rule](const std::vector<Floats>& rows) { return rows_of(rows, rule); };
  };
  const auto a31_or_1 = [](const Floats& v) { return largest(v) > 0 ? largest(v) / 31 : 1.0F; };
  std::map<std::string, Rule> result;
  for (int bits = 4; bits <= 8; ++bits) {
    result["int" + std::to_string(bits)] = {
        by_row([bits](const Floats& r) { return symmetric(r, bits, largest(r), true); }),
        [bits](const Floats& v) { return symmetric(v, bits, largest(v), false); }};
  }
  result["int8-clip"] = {by_row([](const Floats& r) { return int8_clip(r, 127, true); }),
                         [](const Floats& v) { return int8_clip(v, 127, false); }};
  result["int6-pr192"] = {by_row([](const Floats& r) { return int8_clip(r, 31, true); }),
                          [](const Floats& v) { return int8_clip(v, 31, false); }};
  result["int6-pr88"] = {by_row([](const Floats& r) {
                           const float scale = std::max(largest(r) / 31, 1.0F / 31);
                           return Coded{divided(r, scale, -31, 31), f16(scale)};
                         }),
                         [](const Floats& v) { return int8_clip(v, 127, false); }};
  result["int6-pr262"] = {by_row([](const Floats& r) {
                            const float scale = f16(std::max(largest(r) / 31, 1.0F / 31));
                            return Coded{divided(r, scale, -32, 31), scale};
                          }),
                          [=](const Floats& v) { return one_scale(v, a31_or_1(v), -32); }};
  result["int6-pr993"] = {int6_pr993, [=](const Floats& v) { return one_scale(v, a31_or_1(v), -31); }};
  result["int6-pr1046"] = {
      by_row([](const Floats& r) {
        const float scale = std::max(f16(std::max(largest(r) / 31, 1e-12F)), 0x1p-14F);
        return Coded{divided(r, scale, -32, 31), scale};
      }),
      [](const Floats& v) { return one_scale(v, std::max(largest(v) / 31, 1e-12F), -32); }};
  return result;
}

Floats random_row(size_t columns, float deviation, uint32_t seed) {
  std::mt19937 generator(seed);  // its numbers are the same everywhere; std::normal_distribution's are not
  Floats row(columns);
  for (float& w : row) {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(generator()) * 0x1p-32;
    w = static_cast<float>(sum) * deviation;
  }
  return row;
}

/// Rows where a rule's floor, quantile, ties, sign or rounding of the scale decides.
std::vector<Floats> awkward_rows(size_t columns) {
  std::vector<Floats> rows = {Floats(columns, 0.0F), Floats(columns, 1e-30F), Floats(columns, -0.75F)};
  Floats ties(columns), outlier(columns, 0.01F), ramp(columns);
  for (size_t i = 0; i < columns; ++i) {
    ties[i] =
        (static_cast<float>(i % 63) - 31.0F) * 0.5F;  // half steps of 1/31 under a largest value of 15.5
    ramp[i] = static_cast<float>(i) * (i % 2 == 0 ? 1e-3F : -1e-3F);
  }
  outlier[columns / 2] = -40.0F;
  rows.insert(rows.end(), {ties, outlier, ramp});
  for (const float deviation : {1e-6F, 0.02F, 0.3F, 3.0F, 100.0F}) {
    rows.push_back(random_row(columns, deviation, static_cast<uint32_t>(rows.size())));
  }
  return rows;
}

StoredTensor stored_by(const std::string& scheme, const Tensor& tensor) {
  TensorSet tensors;
  tensors.add("w", tensor);
  const QuantRecipe recipe{.name = "one rule", .rules = {{.scheme = scheme}}};
  return quantize(tensors, recipe, {}).tensors.at(0);
}

std::vector<float> stored_scales(const StoredTensor& stored) {
  std::vector<float> scales;
  if (stored.scales.dtype == DType::kF32) {
    for (const float scale : stored.scales.values<float>()) scales.push_back(scale);
  } else {
    for (const uint16_t scale : stored.scales.values<uint16_t>()) scales.push_back(f16_to_f32(scale));
  }
  return scales;
}

class ToTheBit : public testing::TestWithParam<std::string> {};

TEST_P(ToTheBit, MatricesFollowTheirRule) {
  const Rule rule = rules().at(GetParam());
  for (const size_t columns : {size_t{1}, size_t{2}, size_t{63}, size_t{1000}, size_t{4097}}) {
    const std::vector<Floats> rows = awkward_rows(columns);
    Floats all;
    for (const Floats& row : rows) all.insert(all.end(), row.begin(), row.end());
    const Shape shape = {static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns)};
    const StoredTensor stored = stored_by(GetParam(), make_tensor<float>(DType::kF32, shape, all));
    const std::vector<Coded> expected = rule.matrix(rows);
    const auto codes = stored.values.values<int8_t>();
    ASSERT_EQ(stored.scales.dtype, DType::kF16);
    ASSERT_EQ(codes.size(), all.size());
    for (size_t r = 0; r < rows.size(); ++r) {
      EXPECT_EQ(stored_scales(stored)[r], expected[r].scale) << "row " << r << " of " << columns;
      const auto row = codes.subspan(r * columns, columns);
      EXPECT_EQ(std::vector<int>(row.begin(), row.end()), expected[r].codes)
          << "row " << r << " of " << columns;
    }
  }
}

TEST_P(ToTheBit, OtherRanksFollowTheirRule) {
  const Rule rule = rules().at(GetParam());
  for (const Floats& values : awkward_rows(77)) {
    const StoredTensor stored = stored_by(GetParam(), make_tensor<float>(DType::kF32, {7, 1, 11}, values));
    const Coded expected = rule.other(values);
    const auto codes = stored.values.values<int8_t>();
    EXPECT_EQ(stored_scales(stored), Floats{expected.scale});
    EXPECT_EQ(std::vector<int>(codes.begin(), codes.end()), expected.codes);
  }
}

/// What decodes is float(code) · float(scale), cast back to the dtype that the weights had.
TEST_P(ToTheBit, DecodesToCodeTimesScale) {
  const std::vector<Floats> rows = awkward_rows(63);
  Floats all;
  for (const Floats& row : rows) all.insert(all.end(), row.begin(), row.end());
  const Shape shape = {static_cast<int64_t>(rows.size()), 63};
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    const StoredTensor stored = stored_by(GetParam(), from_f32(all, dtype, shape));
    Floats expected;
    const auto codes = stored.values.values<int8_t>();
    for (size_t i = 0; i < codes.size(); ++i) {
      expected.push_back(static_cast<float>(codes[i]) * stored_scales(stored)[i / 63]);
    }
    EXPECT_EQ(dequantize(stored), from_f32(expected, dtype, shape));
  }
}

std::vector<std::string> schemes() {
  std::vector<std::string> names;
  for (const auto& [name, rule] : rules()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Schemes, ToTheBit, testing::ValuesIn(schemes()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace golf
