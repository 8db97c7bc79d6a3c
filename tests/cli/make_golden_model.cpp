// golf-make-golden-model FOLDER: writes model.safetensors and calibration.safetensors, from which the files
// of tests/data/golden_golf were packed. The model has something for every encoding of .golf files and for
// every kind of prediction of codec golf. Every byte is the same on every run: floats are exact quotients of
// integers.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/safetensors.h"

namespace golf {
namespace {

/// Bell-shaped integers from Knuth's MMIX generator.
class Bell {
 public:
  explicit Bell(uint64_t seed) : state_(seed) {}
  int next(int spread) {
    int sum = 0;
    for (int i = 0; i < 4; ++i) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      sum += static_cast<int>((state_ >> 40U) % static_cast<uint64_t>(2 * spread + 1)) - spread;
    }
    return sum / 2;
  }

 private:
  uint64_t state_;
};

using ValueAt = std::function<int(int64_t row, int64_t column)>;

/// A float32 matrix of integers / 1024.
Tensor matrix(int64_t rows, int64_t columns, const ValueAt& value) {
  Tensor tensor = make_tensor(DType::kF32, {rows, columns});
  const auto values = tensor.values<float>();
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      values[static_cast<size_t>(r * columns + c)] = static_cast<float>(value(r, c)) / 1024.0F;
    }
  }
  return tensor;
}

Tensor noise(int64_t rows, int64_t columns, uint64_t seed) {
  Bell bell(seed);
  return matrix(rows, columns, [&](int64_t r, int64_t c) {
    return bell.next(static_cast<int>(20 * (1 + r % 4) * (2 + c % 3)));
  });
}

Tensor in_shape(Tensor tensor, Shape shape) {
  tensor.shape = std::move(shape);
  return tensor;
}

/// Rows that are mixtures of three directions: covariance prediction.
Tensor alike(int64_t rows, int64_t columns) {
  Bell bell(2);
  std::vector<int> directions;
  for (int64_t i = 0; i < 3 * columns; ++i) directions.push_back(bell.next(8));
  std::vector<int> gains(3);
  return matrix(rows, columns, [&](int64_t r, int64_t c) {
    if (c == 0) std::generate(gains.begin(), gains.end(), [&] { return bell.next(6); });
    int sum = bell.next(8);
    for (size_t k = 0; k < 3; ++k)
      sum += gains[k] * directions[k * static_cast<size_t>(columns) + static_cast<size_t>(c)];
    return r == 5 || r == 70 ? 0 : sum;
  });
}

/// Rows of an orthogonal matrix, a Hadamard matrix times signs times the same: inverse-covariance prediction.
Tensor avoiding(int64_t size) {
  const auto sign = [](int64_t i, int64_t j) {
    return __builtin_parityll(static_cast<uint64_t>(i & j)) != 0 ? -1 : 1;
  };
  Bell bell(3);
  std::vector<int> signs;
  for (int64_t i = 0; i < size; ++i) signs.push_back(bell.next(50) < 0 ? -1 : 1);
  return matrix(size, size, [&](int64_t r, int64_t c) {
    int sum = 0;
    for (int64_t k = 0; k < size; ++k) sum += sign(r, k) * signs[static_cast<size_t>(k)] * sign(k, c);
    return 64 * sum;
  });
}

/// The second half of the rows resembles the first: references.
Tensor twins(int64_t rows, int64_t columns) {
  Bell bell(4);
  std::vector<int> first;
  return matrix(rows, columns, [&](int64_t r, int64_t c) {
    if (r < rows / 2) return first.emplace_back(bell.next(400));
    return first[static_cast<size_t>((r - rows / 2) * columns + c)] + bell.next(40);
  });
}

/// Layers in which what leaves a hidden unit follows from what enters it, by a map that the layers share:
/// reference tensors, carried statistics and scale prediction.
void add_layers(TensorSet& model, int layers, int64_t units, int64_t width) {
  Bell bell(5);
  std::vector<int> map;
  for (int64_t i = 0; i < width * width; ++i) map.push_back(bell.next(4));
  for (int layer = 0; layer < layers; ++layer) {
    const std::string prefix = "layer" + std::to_string(layer) + ".";
    std::vector<int> in;
    for (int64_t u = 0; u < units; ++u) {
      for (int64_t k = 0; k < width; ++k) in.push_back(bell.next(static_cast<int>(20 + 10 * (u % 5))));
    }
    model.add(prefix + "in", matrix(units, width, [&](int64_t u, int64_t k) {
                return in[static_cast<size_t>(u * width + k)];
              }));
    model.add(prefix + "out", matrix(width, units, [&](int64_t c, int64_t u) {
                int sum = bell.next(300);
                for (int64_t k = 0; k < width; ++k) {
                  sum += map[static_cast<size_t>(c * width + k)] * in[static_cast<size_t>(u * width + k)];
                }
                return sum / 16;
              }));
  }
}

/// Matrices of one width whose rows mix the same few directions: statistics carried without a reference
/// tensor.
void add_shared(TensorSet& model, int count, int64_t size) {
  constexpr size_t kDirections = 12;
  Bell bell(18);
  std::vector<int> directions;
  for (size_t i = 0; i < kDirections * static_cast<size_t>(size); ++i) directions.push_back(bell.next(8));
  for (int i = 0; i < count; ++i) {
    std::vector<int> gains(kDirections);
    model.add("shared" + std::to_string(i), matrix(size, size, [&](int64_t, int64_t c) {
                if (c == 0) std::generate(gains.begin(), gains.end(), [&] { return bell.next(6); });
                int sum = bell.next(20);
                for (size_t k = 0; k < kDirections; ++k)
                  sum += gains[k] * directions[k * static_cast<size_t>(size) + static_cast<size_t>(c)];
                return sum;
              }));
  }
}

/// Few long rows whose columns differ in size: coded transposed, with absmax symbols.
Tensor scaled_columns(int64_t rows, int64_t columns) {
  Bell bell(19);
  return matrix(rows, columns,
                [&](int64_t, int64_t c) { return bell.next(static_cast<int>(20 << (c % 4))); });
}

TensorSet golden_model() {
  TensorSet model;
  model.add("int6.rows", noise(24, 20, 1));
  model.add("int8.alike", alike(96, 12));
  model.add("int5.wide", noise(9, 60, 6));
  add_layers(model, 3, 96, 16);
  add_shared(model, 3, 32);
  model.add("int6.flat", scaled_columns(6, 150));
  model.add("ecsq.avoiding", avoiding(32));
  model.add("ecsq.twins", twins(40, 24));
  model.add("int8.tensor", in_shape(noise(6, 20, 7), {3, 2, 4, 5}));
  model.add("int4.vector", in_shape(noise(1, 33, 8), {33}));
  model.add("ecsq.conv", in_shape(noise(8, 27, 9), {8, 3, 9}));
  model.add("ecsq.scaled", noise(20, 16, 10));
  model.add("tcq.plain", noise(30, 17, 11));
  model.add("tcq.scaled", noise(33, 16, 12));
  model.add("int7.constant", matrix(4, 5, [](int64_t, int64_t) { return 0; }));
  model.add("fp32.vector", in_shape(noise(1, 11, 13), {11}));
  model.add("fp16.vector", in_shape(noise(1, 24, 14), {24}));
  model.add("bf16.vector", in_shape(noise(1, 13, 15), {13}));
  model.add("fp32.scalar", in_shape(noise(1, 1, 16), {}));
  model.add("fp32.empty", make_tensor(DType::kF32, {0, 3}));
  model.add("int6.from_bf16", from_f32(noise(10, 8, 17).values<float>(), DType::kBF16, {10, 8}));
  model.add("keep.counts",
            make_tensor<int64_t>(DType::kI64, {4}, std::vector<int64_t>{-5, 0, 7, 123'456'789}));
  model.add("keep.flags", make_tensor<uint8_t>(DType::kBool, {6}, std::vector<uint8_t>{1, 0, 0, 1, 1, 0}));
  return model;
}

/// Second moments and gradient squares of what is quantized with scales of columns and rows.
TensorSet golden_calibration(const TensorSet& model) {
  TensorSet file;
  for (const std::string name : {"ecsq.scaled", "tcq.scaled"}) {
    const Shape& shape = model.find(name)->shape;
    file.add(name, matrix(shape[1], shape[1], [](int64_t i, int64_t j) {
               const int64_t energy = 64 * (1 + i % 4) * (1 + j % 4);
               return static_cast<int>(i == j ? energy : energy / 2);
             }));
    Tensor squares = make_tensor(DType::kF32, {shape[0]});
    const auto values = squares.values<float>();
    for (size_t row = 0; row < values.size(); ++row) values[row] = 1.0F / static_cast<float>(64 << (row % 7));
    file.add("diagonal_fisher:" + name, std::move(squares));
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"source", "made up"}, {"tokens", "1000"}};
  return file;
}

void write_golden_model(const std::string& folder) {
  const TensorSet model = golden_model();
  write_file_atomic(folder + "/model.safetensors", encode_safetensors(model));
  write_file_atomic(folder + "/calibration.safetensors", encode_safetensors(golden_calibration(model)));
}

}  // namespace
}  // namespace golf

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    golf::write_golden_model(argv[1]);
    return 0;
  } catch (const golf::Error& error) {
    std::fprintf(stderr, "golf-make-golden-model: %s\n", error.what());
    return 1;
  }
}
