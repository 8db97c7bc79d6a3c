#pragma once

// Products of rows of whole numbers with matrices of int8, exact in int32. They never see LibTorch.

#include <cstdint>

namespace golf::kernels {

/// Whether the path in use has instructions for products of int8 (VNNI, AMX), which oneDNN uses then.
/// int8_product() does without them: it multiplies int16.
bool has_int8_instructions();

/// Rows of x as bytes: x[r, i] ≈ (values[r, i] − zero_point) · steps[r], rounded half to even. With a
/// zero_point of 128 a row's largest magnitude is 127 steps; with 0, for rows without negative numbers, its
/// largest number is 255 steps. The step of a row with a NaN or an infinity is NaN.
void quantize_rows(int64_t rows, int64_t width, int zero_point, const float* x, uint8_t* values,
                   float* steps);

/// A row of weights as whole numbers of a step: w[i] ≈ values[i] · step.
struct WholeRow {
  float step = 0.0F;
  bool exact = false;  ///< to float32's rounding; else each number is rounded to the nearest of ±127 steps
};
/// The numbers of a row that was dequantized from at most 8 bits with one scale come out exactly: the largest
/// step is found of which all are multiples from −128 to 127.
WholeRow whole_row(int64_t width, const float* w, int8_t* values);

/// int16s that pack_int8_weights() writes.
int64_t packed_int8_size(int64_t outputs, int64_t inputs);
/// Lays weights [outputs, inputs] out as int8_product() reads them: tiles of 16 outputs, within a tile pairs
/// of inputs side by side; what fills up the last tile and the last pair is zero.
void pack_int8_weights(int64_t outputs, int64_t inputs, const int8_t* weights, int16_t* packed);

struct Int8Product {
  int64_t rows, outputs, inputs;  ///< inputs ≤ 65,536, so that no sum leaves int32
  int zero_point;
  const uint8_t* x;        ///< [rows, inputs]
  const int16_t* weights;  ///< packed
  const float* steps;      ///< [outputs], of the weights
};
/// y[r, n] = (Σ (x[r, i] − zero_point) · weights[n, i]) · steps[n] with the sum in int32. In the calling
/// thread.
void int8_product(const Int8Product& in, float* y);

}  // namespace golf::kernels
