#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "encode/golf/golf_codec.h"

namespace golf::test {

/// A stream's tensors and their bytes.
struct GolfStream {
  std::vector<StreamTensor> tensors;
  Bytes joined;
};

/// Deterministic on every standard library, unlike <random>'s distributions.
inline int bell(std::mt19937& generator, int spread) {
  int sum = 0;
  for (int i = 0; i < 4; ++i) sum += static_cast<int>(generator() % static_cast<unsigned>(2 * spread + 1));
  return (sum - 4 * spread) / 2;
}

inline void add_int8(GolfStream& stream, Shape shape, const std::vector<int>& values) {
  stream.tensors.push_back({std::move(shape), 1});
  for (const int value : values) stream.joined.push_back(static_cast<std::byte>(value));
}

/// Rows × columns whose scales differ by row and by column, within `bits`.
inline std::vector<int> scaled_tensor(int rows, int columns, int bits, unsigned seed) {
  std::mt19937 generator(seed);
  const int limit = (1 << (bits - 1)) - 1;
  std::vector<int> values;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      const int spread = 1 + limit * (1 + r % 3) * (1 + c % 2) / 14;
      values.push_back(std::clamp(bell(generator, spread), -limit, limit));
    }
  }
  return values;
}

/// Rows that are mixtures of a few directions: what linear prediction is for.
inline std::vector<int> correlated_tensor(int rows, int columns, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<int> directions;
  for (int i = 0; i < 3 * columns; ++i) directions.push_back(bell(generator, 8));
  std::vector<int> values;
  for (int r = 0; r < rows; ++r) {
    const int a = bell(generator, 4);
    const int b = bell(generator, 4);
    const int d = bell(generator, 4);
    for (int c = 0; c < columns; ++c) {
      const int sum = a * directions[static_cast<size_t>(c)] +
                      b * directions[static_cast<size_t>(columns + c)] +
                      d * directions[static_cast<size_t>(2 * columns + c)];
      values.push_back(std::clamp(sum / 4 + bell(generator, 3), -127, 127));
    }
  }
  return values;
}

/// Rows scaled so that the largest of each is ±limit.
inline std::vector<int> absmax_tensor(int rows, int columns, int limit, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<int> values;
  for (int r = 0; r < rows; ++r) {
    std::vector<int> row;
    int largest = 1;
    for (int c = 0; c < columns; ++c) {
      row.push_back(bell(generator, 1000));
      largest = std::max(largest, std::abs(row.back()));
    }
    for (const int value : row) values.push_back(value * limit / largest);
  }
  return values;
}

/// Float16 or float32 bits of slowly varying positive numbers.
inline void add_words(GolfStream& stream, uint64_t element_bytes, int count, unsigned seed) {
  std::mt19937 generator(seed);
  stream.tensors.push_back({{count}, element_bytes});
  for (int i = 0; i < count; ++i) {
    const uint64_t value = (uint64_t{0x2a} << (8 * element_bytes - 8)) + generator() % 3000;
    for (uint64_t k = 0; k < element_bytes; ++k) {
      stream.joined.push_back(static_cast<std::byte>(value >> (8 * k)));
    }
  }
}

/// Every kind of tensor in one stream.
inline GolfStream mixed_stream(int scale = 1) {
  GolfStream stream;
  add_int8(stream, {24 * scale, 16}, scaled_tensor(24 * scale, 16, 6, 1));
  add_words(stream, 2, 20 * scale, 2);
  add_int8(stream, {0, 7}, {});
  add_int8(stream, {96 * scale, 12}, correlated_tensor(96 * scale, 12, 3));
  add_int8(stream, {10}, std::vector<int>(10, -3));
  add_words(stream, 4, 9, 4);
  add_int8(stream, {}, {5});
  add_int8(stream, {9, 40 * scale}, scaled_tensor(9, 40 * scale, 8, 5));
  add_words(stream, 8, 3, 6);
  add_int8(stream, {64 * scale, 24}, absmax_tensor(64 * scale, 24, 31, 7));
  return stream;
}

/// A matrix of bell-shaped numbers. [rows, columns]
inline std::vector<int> random_matrix(int rows, int columns, int spread, std::mt19937& generator) {
  std::vector<int> values;
  for (int i = 0; i < rows * columns; ++i) values.push_back(bell(generator, spread));
  return values;
}

inline std::vector<int> transpose(const std::vector<int>& values, int columns) {
  const int rows = static_cast<int>(values.size()) / columns;
  std::vector<int> result;
  for (int c = 0; c < columns; ++c) {
    for (int r = 0; r < rows; ++r) result.push_back(values[static_cast<size_t>(r * columns + c)]);
  }
  return result;
}

/// Layers of two tensors. What enters hidden units has a row for each unit; what leaves them has a column for
/// each, which follows from the unit's row by a map that all layers share, and noise. With `repeats` units in
/// groups of four share their inputs.
inline GolfStream layers_of_units(int layers, int units, int width, int repeats) {
  std::mt19937 generator(21);
  GolfStream stream;
  const std::vector<int> map = random_matrix(width, width, 4, generator);
  for (int layer = 0; layer < layers; ++layer) {
    const std::vector<int> in = random_matrix(units / repeats, width, 12, generator);
    std::vector<int> out;
    for (int unit = 0; unit < units; ++unit) {
      const int row = unit / (4 * repeats) * 4 + unit % 4;
      const int size = 2 + unit * 7 % 5;
      for (int c = 0; c < width; ++c) {
        int sum = bell(generator, 160);
        for (int k = 0; k < width; ++k) {
          sum += map[static_cast<size_t>(c * width + k)] * in[static_cast<size_t>(row * width + k)];
        }
        out.push_back(std::clamp(sum * size / 100, -127, 127));
      }
    }
    add_int8(stream, {units / repeats, width}, in);
    add_words(stream, 2, units / repeats, static_cast<unsigned>(layer));
    add_int8(stream, {width, units}, transpose(out, width));
  }
  return stream;
}

}  // namespace golf::test
