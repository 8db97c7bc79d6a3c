#include "golf/artifact/quantize/calibration.h"

#include <gtest/gtest.h>

#include <limits>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/safetensors.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

TensorSet file_of(Tensor hessian) {
  TensorSet file;
  file.add("a.weight", std::move(hessian));
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "2048"}, {"source", "x_train.bin"}};
  return file;
}

TensorSet weights_of(Shape shape) {
  TensorSet tensors;
  tensors.add("a.weight", make_tensor(DType::kF32, std::move(shape)));
  return tensors;
}

TEST(Calibration, ReadsWhatWasCollected) {
  const test::TempDir dir;
  write_file_atomic(dir.file("c.safetensors"), encode_safetensors(file_of(test::hessian_of(4))));
  const Calibration calibration = read_calibration(dir.file("c.safetensors"));
  EXPECT_EQ(calibration.tokens(), 2048U);
  EXPECT_EQ(calibration.of("a.weight").hessian.size(), 16U);
  EXPECT_TRUE(calibration.of("b.weight").hessian.empty());
  EXPECT_NO_THROW(calibration.check_against(weights_of({7, 4})));
}

void expect_refused(const TensorSet& file, const std::string& part) {
  EXPECT_GOLF_ERROR(Calibration(file, "c"), ErrorCode::kCorruptData, part);
}

TEST(Calibration, RefusesMetadataOfSomethingElse) {
  TensorSet file = file_of(test::hessian_of(4));
  file.metadata["schema"] = "golf.calibration/2";
  expect_refused(file, "c: metadata \"schema\" is not \"golf.calibration/1\"");
  file.metadata.erase("schema");
  expect_refused(file, "golf-eval calibrate");
  for (const char* tokens : {"0", "-5", "many", "5 ", "99999999999999999999"}) {
    file = file_of(test::hessian_of(4));
    file.metadata["tokens"] = tokens;
    expect_refused(file, "c: metadata \"tokens\" is not a positive number");
  }
  file.metadata.erase("tokens");
  expect_refused(file, "c: metadata \"tokens\" is missing");
}

TEST(Calibration, RefusesWhatSecondMomentsCannotBe) {
  const auto damaged = [](size_t element, float value) {
    Tensor hessian = test::hessian_of(4);
    hessian.values<float>()[element] = value;
    return file_of(std::move(hessian));
  };
  const std::string place = "c: tensor \"a.weight\": ";
  expect_refused(file_of(make_tensor(DType::kF32, {4, 5})), place + "a square float32 matrix expected");
  expect_refused(file_of(make_tensor(DType::kF32, {16})), place + "a square float32 matrix expected");
  expect_refused(file_of(make_tensor(DType::kF32, {0, 0})), place + "a square float32 matrix expected");
  expect_refused(file_of(make_tensor(DType::kF64, {2, 2})), "float64 [2, 2] found");
  expect_refused(file_of(make_tensor(DType::kF32, {2, 2})), place + "its diagonal is 0");
  expect_refused(damaged(3, std::numeric_limits<float>::quiet_NaN()), place + "element [0, 3] is nan");
  expect_refused(damaged(5, -1.0F), place + "element [1, 1] is -1");
  expect_refused(damaged(4, 0.0F), place + "elements [1, 0] and [0, 1] are 0 and 0.1");
  Tensor beyond = test::hessian_of(4);
  beyond.values<float>()[1] = beyond.values<float>()[4] = 0.2F;  // sqrt(1/16 · 1/4) = 1/8
  expect_refused(file_of(beyond), "not those of a Hessian");
}

TEST(Calibration, RefusesAnotherModel) {
  const Calibration calibration(file_of(test::hessian_of(4)), "c");
  for (const Shape& shape : {Shape{4, 5}, Shape{4}}) {
    EXPECT_GOLF_ERROR(calibration.check_against(weights_of(shape)), ErrorCode::kMismatch,
                      "\"a.weight\" [4, 4] belongs to no matrix");
  }
  EXPECT_GOLF_ERROR(calibration.check_against({}), ErrorCode::kMismatch, "collect the calibration from this");
}

TensorSet with_gradients(Tensor squares) {
  TensorSet file = file_of(test::hessian_of(4));
  file.add("diagonal_fisher:a.weight", std::move(squares));
  return file;
}

TEST(Calibration, KnowsTheRowsOfAWeight) {
  TensorSet file = with_gradients(make_tensor<float>(DType::kF32, {3}, std::vector<float>{0.0F, 1.0F, 2.5F}));
  EXPECT_FALSE(Calibration(file, "c").bytes_per_token());
  file.metadata["bytes"] = "5120";
  const Calibration calibration(file, "c");
  EXPECT_EQ(calibration.bytes_per_token(), 2.5);
  EXPECT_EQ(calibration.of("a.weight").fisher[2], 2.5F);
  EXPECT_NO_THROW(calibration.check_against(weights_of({3, 4})));
  EXPECT_GOLF_ERROR(
      calibration.check_against(weights_of({4, 4})), ErrorCode::kMismatch,
      "\"diagonal_fisher:a.weight\" [3] belongs to no matrix of the checkpoint with 3 rows, its "
      "weight is [4, 4]");
}

TEST(Calibration, RefusesWhatGradientSquaresCannotBe) {
  const std::string place = "c: tensor \"diagonal_fisher:a.weight\": ";
  expect_refused(with_gradients(make_tensor(DType::kF32, {3, 1})), place + "a float32 vector expected");
  expect_refused(with_gradients(make_tensor(DType::kF32, {0})), place + "a float32 vector expected");
  expect_refused(with_gradients(make_tensor(DType::kF16, {3})), "float16 [3] found");
  const auto with_second = [](float value) {
    return with_gradients(make_tensor<float>(DType::kF32, {2}, std::vector<float>{1.0F, value}));
  };
  expect_refused(with_second(-1.0F), place + "element [1] is -1");
  expect_refused(with_second(std::numeric_limits<float>::infinity()), place + "element [1] is inf");
}

TensorSet with_cross(Tensor cross) {
  TensorSet file;
  file.add("cross_moment:a.weight", std::move(cross));  // entries come in any order
  file.add("a.weight", test::hessian_of(4));
  file.metadata = file_of(test::hessian_of(4)).metadata;
  return file;
}

TEST(Calibration, KnowsTheInputsOfTheQuantizedModel) {
  const Calibration calibration(with_cross(test::hessian_of(4)), "c");
  EXPECT_EQ(calibration.of("a.weight").cross.size(), 16U);
  EXPECT_TRUE(calibration.of("b.weight").cross.empty());
  EXPECT_NO_THROW(calibration.check_against(weights_of({7, 4})));
  EXPECT_GOLF_ERROR(calibration.check_against({}), ErrorCode::kMismatch, "belongs to no matrix");
}

TEST(Calibration, RefusesWhatCrossMomentsCannotBe) {
  const std::string place = "c: tensor \"cross_moment:a.weight\": ";
  expect_refused(with_cross(make_tensor(DType::kF32, {4, 5})), place + "a square float32 matrix expected");
  expect_refused(with_cross(make_tensor(DType::kF64, {4, 4})), "float64 [4, 4] found");
  expect_refused(with_cross(test::hessian_of(3)), place + "its weight's Hessian [3, 3] expected beside it");
  TensorSet alone;
  alone.add("cross_moment:a.weight", test::hessian_of(4));
  alone.metadata = file_of(test::hessian_of(4)).metadata;
  expect_refused(alone, place + "its weight's Hessian [4, 4] expected beside it, none found");
  Tensor odd = test::hessian_of(4);
  odd.values<float>()[6] = std::numeric_limits<float>::quiet_NaN();
  expect_refused(with_cross(std::move(odd)), place + "element [1, 2] is nan");
  TensorSet unused = with_cross(test::hessian_of(4));
  for (size_t i = 0; i < 4; ++i) {
    auto hessian = unused.find("a.weight")->values<float>();
    hessian[i * 4 + 3] = hessian[12 + i] = 0.0F;
  }
  expect_refused(unused, place + "element [0, 3] is 0.256, but the Hessian's column 3 is 0");
}

}  // namespace
}  // namespace golf
