// The loss of softcapped logits, without the logits: one pass over the scores for it, one for its gradient. A
// block of 256 threads has a row.

namespace golf::cuda {

/// tanh within 1.5e-7. Exponential and quotient are the fast ones, for the arithmetic would otherwise take
/// longer than the memory: about 40 instructions an element with tanhf.
__device__ inline float fast_tanh(float x) { return 1.0F - __fdividef(2.0F, __expf(2.0F * x) + 1.0F); }

/// Σ e^(logit − top) over some logits, and Σ (logit − top) · e^(logit − top).
struct LogitSums {
  float top, weights, weighted;

  /// Moves to a top that is at least as large.
  __device__ void raise(float to) {
    const float fall = top - to, factor = __expf(fall);
    weighted = (weighted + weights * fall) * factor;
    weights *= factor;
    top = to;
  }
  __device__ void add(const LogitSums& other) {
    LogitSums risen = other;
    const float to = fmaxf(top, other.top);
    raise(to);
    risen.raise(to);
    weights += risen.weights;
    weighted += risen.weighted;
  }
};

/// All threads get the sums of the whole block.
__device__ inline LogitSums block_sums(LogitSums sums) {
  __shared__ LogitSums of_warps[kWarpsPerBlock];
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    sums.add({__shfl_xor_sync(kAllLanes, sums.top, distance),
              __shfl_xor_sync(kAllLanes, sums.weights, distance),
              __shfl_xor_sync(kAllLanes, sums.weighted, distance)});
  }
  if (threadIdx.x % kWarp == 0) of_warps[threadIdx.x / kWarp] = sums;
  __syncthreads();
  sums = of_warps[0];
  for (int warp = 1; warp < kWarpsPerBlock; ++warp) sums.add(of_warps[warp]);
  return sums;
}

template <class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) softcap_nll(SoftcapNllArgs in) {
  const long long row = blockIdx.x;
  const T* scores = static_cast<const T*>(in.scores) + row * in.classes;
  const float inverse_cap = 1.0F / in.cap;
  LogitSums sums{-in.cap, 0, 0};  // no logit is smaller
  for (int first = 4 * threadIdx.x; first < in.classes; first += 4 * kWarpsPerBlock * kWarp) {
    float logits[4];
    load_quad(scores, first, in.classes, logits);
    float top = sums.top;
    for (int i = 0; i < 4; ++i) {
      logits[i] = in.cap * fast_tanh(logits[i] * inverse_cap);
      if (first + i < in.classes) top = fmaxf(top, logits[i]);
    }
    sums.raise(top);
    for (int i = 0; i < 4; ++i) {
      if (first + i >= in.classes) break;
      const float below_top = logits[i] - top, weight = __expf(below_top);
      sums.weights += weight;
      sums.weighted += weight * below_top;
    }
  }
  sums = block_sums(sums);
  if (threadIdx.x != 0) return;
  const float log_weights = logf(sums.weights);
  in.log_sum[row] = sums.top + log_weights;
  const long long target = in.targets[row];
  const bool is_class = target >= 0 && target < in.classes;
  const float logit = is_class ? in.cap * fast_tanh(as_float(scores[target]) * inverse_cap) : 0.0F;
  in.nll[row] = is_class ? log_weights - (logit - sums.top) : __uint_as_float(0x7fc00000U);
  if (in.entropy != nullptr) in.entropy[row] = log_weights - sums.weighted / sums.weights;
}

/// nll_grad · (softmax − [class is the target]) · (1 − tanh²).
template <class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) softcap_nll_grad(SoftcapNllArgs in) {
  const long long row = blockIdx.x;
  const T* scores = static_cast<const T*>(in.scores) + row * in.classes;
  T* out = static_cast<T*>(in.scores_grad) + row * in.classes;
  const float inverse_cap = 1.0F / in.cap, log_sum = in.log_sum[row], scale = in.nll_grad[row];
  const long long target = in.targets[row];
  for (int first = 4 * threadIdx.x; first < in.classes; first += 4 * kWarpsPerBlock * kWarp) {
    float values[4];
    load_quad(scores, first, in.classes, values);
    for (int i = 0; i < 4; ++i) {
      const float t = fast_tanh(values[i] * inverse_cap);
      const float share = __expf(in.cap * t - log_sum) - (first + i == target ? 1.0F : 0.0F);
      values[i] = scale * share * (1.0F - t * t);
    }
    store_quad(out, first, in.classes, values);
  }
}

}  // namespace golf::cuda
