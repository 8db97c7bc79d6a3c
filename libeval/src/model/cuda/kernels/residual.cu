// The residual stream and its norm, and the MLP's activation. A warp has a row in its registers: quad q of
// thread t is elements 4·(t + 32·q) to the third after it.

namespace golf::cuda {

template <int kQuads, class Y, class N>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) mix_norm(MixNormArgs in) {
  const int lane = threadIdx.x % kWarp, width = in.width;
  const long long row = static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (row >= in.rows) return;  // a whole warp
  float stream[kQuads][4], y[kQuads][4];
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    load_quad(in.x + row * width, 4 * (lane + q * kWarp), width, stream[q]);
    if (in.y != nullptr) {
      load_quad(static_cast<const Y*>(in.y) + row * width, 4 * (lane + q * kWarp), width, y[q]);
    }
  }
  float squares = 0;
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    const int first = 4 * (lane + q * kWarp);
    float a[4], b[4];
    if (in.a != nullptr) load_quad(in.a, first, width, a);
    if (in.y != nullptr) load_quad(in.b, first, width, b);
    for (int i = 0; i < 4; ++i) {
      if (in.a != nullptr) stream[q][i] *= a[i];
      if (in.y != nullptr) stream[q][i] += b[i] * y[q][i];
      squares += stream[q][i] * stream[q][i];
    }
    if (in.stream != nullptr) store_quad(in.stream + row * width, first, width, stream[q]);
  }
  if (in.normed == nullptr) return;
  const float inverse = 1.0F / sqrtf(warp_sum(squares) / static_cast<float>(width) + kRmsEpsilon);
  const float rise = inverse * in.norm_scale;
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    for (int i = 0; i < 4; ++i) stream[q][i] *= rise;
    store_quad(static_cast<N*>(in.normed) + row * width, 4 * (lane + q * kWarp), width, stream[q]);
  }
  if (lane == 0) in.inverse_rms[row] = inverse;
}

/// Adds up what the warps of a block have of each channel; out [width] is the block's.
template <int kQuads>
__device__ inline void write_channel_sums(float (&shared)[kWarpsPerBlock][kQuads * 4 * kWarp],
                                          const float (&sums)[kQuads][4], int width, float* out) {
  const int lane = threadIdx.x % kWarp;
  __syncthreads();  // the space may still be read for another sum
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    for (int i = 0; i < 4; ++i) shared[threadIdx.x / kWarp][4 * (lane + q * kWarp) + i] = sums[q][i];
  }
  __syncthreads();
  for (int channel = threadIdx.x; channel < width; channel += kWarpsPerBlock * kWarp) {
    float total = 0;
    for (int warp = 0; warp < kWarpsPerBlock; ++warp) total += shared[warp][channel];
    out[channel] = total;
  }
}

/// With t the whole gradient of the stream, that is stream_grad and what the norm sends back,
///   norm_scale · inverse · (g − n · mean(g ⊙ n)), g = normed_grad, n = stream · inverse:
/// x_grad = a ⊙ t, y_grad = b ⊙ t, and over the rows Σ t ⊙ x for a and Σ t ⊙ y for b. The stream is computed
/// again from x and y, which costs no memory traffic.
template <int kQuads, class Y, class N>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) mix_norm_grad(MixNormGradArgs in) {
  __shared__ float shared[kWarpsPerBlock][kQuads * 4 * kWarp];
  const MixNormArgs& of = in.in;
  const int lane = threadIdx.x % kWarp, width = of.width;
  const bool reads_x = in.a_sums != nullptr || in.normed_grad != nullptr;
  float a_sums[kQuads][4] = {}, b_sums[kQuads][4] = {};
  const long long step = static_cast<long long>(gridDim.x) * kWarpsPerBlock;
  for (long long row = static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
       row < of.rows; row += step) {
    const long long at = row * width;
    float x[kQuads][4] = {}, y[kQuads][4] = {}, total[kQuads][4] = {}, normed_grad[kQuads][4] = {};
#pragma unroll
    for (int q = 0; q < kQuads; ++q) {
      const int first = 4 * (lane + q * kWarp);
      if (reads_x) load_quad(of.x + at, first, width, x[q]);
      if (of.y != nullptr) load_quad(static_cast<const Y*>(of.y) + at, first, width, y[q]);
      if (in.stream_grad != nullptr) load_quad(in.stream_grad + at, first, width, total[q]);
      if (in.normed_grad != nullptr) {
        load_quad(static_cast<const N*>(in.normed_grad) + at, first, width, normed_grad[q]);
      }
    }
    if (in.normed_grad != nullptr) {
      float stream[kQuads][4], similarity = 0;
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        const int first = 4 * (lane + q * kWarp);
        float a[4], b[4];
        if (of.a != nullptr) load_quad(of.a, first, width, a);
        if (of.y != nullptr) load_quad(of.b, first, width, b);
        for (int i = 0; i < 4; ++i) {
          stream[q][i] = of.a != nullptr ? a[i] * x[q][i] : x[q][i];
          if (of.y != nullptr) stream[q][i] += b[i] * y[q][i];
          similarity += normed_grad[q][i] * stream[q][i];
        }
      }
      const float inverse = of.inverse_rms[row], rise = of.norm_scale * inverse;
      const float slope = warp_sum(similarity) * rise * inverse * inverse / static_cast<float>(width);
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        for (int i = 0; i < 4; ++i) total[q][i] += normed_grad[q][i] * rise - stream[q][i] * slope;
      }
    }
#pragma unroll
    for (int q = 0; q < kQuads; ++q) {
      const int first = 4 * (lane + q * kWarp);
      float scaled[4];
      for (int i = 0; i < 4; ++i) {
        a_sums[q][i] += total[q][i] * x[q][i];
        b_sums[q][i] += total[q][i] * y[q][i];
      }
      if (in.y_grad != nullptr) {
        load_quad(of.b, first, width, scaled);
        for (int i = 0; i < 4; ++i) scaled[i] *= total[q][i];
        store_quad(static_cast<Y*>(in.y_grad) + at, first, width, scaled);
      }
      if (in.x_grad != nullptr) {
        if (of.a != nullptr) {
          load_quad(of.a, first, width, scaled);
          for (int i = 0; i < 4; ++i) total[q][i] *= scaled[i];
        }
        store_quad(in.x_grad + at, first, width, total[q]);
      }
    }
  }
  const long long block_at = static_cast<long long>(blockIdx.x) * width;
  if (in.a_sums != nullptr) write_channel_sums<kQuads>(shared, a_sums, width, in.a_sums + block_at);
  if (in.b_sums != nullptr) write_channel_sums<kQuads>(shared, b_sums, width, in.b_sums + block_at);
}

__device__ inline float squared(float x, float slope) {
  const float below = slope == 0 ? 0.0F : slope * x;  // −∞ with slope 0 is 0
  const float a = x < 0 ? below : x;                  // NaN stays NaN
  return a * a;
}
__device__ inline float squared_grad(float x, float slope, float y_grad) {
  const float below = slope == 0 ? 0.0F : slope * slope * x;
  return 2 * (x < 0 ? below : x) * y_grad;
}

/// Whole quads of all elements as one row, then what is left of fewer than four.
template <class T, bool kIsGrad>
__device__ inline void for_elements(const LeakyReluSquaredArgs& in) {
  const T* x = static_cast<const T*>(in.x);
  const T* y_grad = static_cast<const T*>(in.y_grad);
  T* out = static_cast<T*>(in.out);
  const auto at = [&](float value, float gradient) {
    return kIsGrad ? squared_grad(value, in.slope, gradient) : squared(value, in.slope);
  };
  const long long thread = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
  for (long long quad = thread; quad < in.count / 4; quad += step) {
    float values[4], gradients[4] = {};
    load_quad(x + 4 * quad, 0, 4, values);
    if (kIsGrad) load_quad(y_grad + 4 * quad, 0, 4, gradients);
    for (int i = 0; i < 4; ++i) values[i] = at(values[i], gradients[i]);
    store_quad(out + 4 * quad, 0, 4, values);
  }
  const long long last = in.count / 4 * 4 + thread;
  if (last < in.count) assign(out[last], at(as_float(x[last]), kIsGrad ? as_float(y_grad[last]) : 0.0F));
}

template <class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) leaky_relu_squared(LeakyReluSquaredArgs in) {
  for_elements<T, false>(in);
}
template <class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) leaky_relu_squared_grad(LeakyReluSquaredArgs in) {
  for_elements<T, true>(in);
}

}  // namespace golf::cuda
