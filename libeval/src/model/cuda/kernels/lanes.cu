// Two lanes of the residual stream. As in residual.cu a warp has a row, quad q of thread t being elements
// 4·(t + 32·q) to the third after it.

namespace golf::cuda {

template <int kQuads, class Y>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) write_lanes(WriteLanesArgs in) {
  const int lane = threadIdx.x % kWarp, width = in.width;
  const long long row = static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (row >= in.rows) return;  // a whole warp
  const long long at = row * width;
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    const int first = 4 * (lane + q * kWarp);
    float lane0[4], lane1[4], attention[4], mlp[4], attention_scale[4], mlp_scale[4];
    load_quad(in.lane0 + at, first, width, lane0);
    load_quad(in.lane1 + at, first, width, lane1);
    load_quad(static_cast<const Y*>(in.attention) + at, first, width, attention);
    load_quad(static_cast<const Y*>(in.mlp) + at, first, width, mlp);
    load_quad(in.attention_scale, first, width, attention_scale);
    load_quad(in.mlp_scale, first, width, mlp_scale);
    for (int i = 0; i < 4; ++i) {
      const float a = attention_scale[i] * attention[i], m = mlp_scale[i] * mlp[i];
      lane0[i] = in.resid[0] * lane0[i] + in.post[0] * a + in.post[2] * m;
      lane1[i] = in.resid[1] * lane1[i] + in.post[1] * a + in.post[3] * m;
    }
    store_quad(in.out0 + at, first, width, lane0);
    store_quad(in.out1 + at, first, width, lane1);
  }
}

/// The gradients of everything with a scalar or a channel of its own follow from sums over the rows.
template <int kQuads, class Y>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) write_lanes_grad(WriteLanesGradArgs in) {
  __shared__ float shared[kWarpsPerBlock][kQuads * 4 * kWarp];
  const WriteLanesArgs& of = in.in;
  const int lane = threadIdx.x % kWarp, width = of.width;
  float sums[6][kQuads][4] = {};
  const long long step = static_cast<long long>(gridDim.x) * kWarpsPerBlock;
  for (long long row = static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
       row < of.rows; row += step) {
    const long long at = row * width;
#pragma unroll
    for (int q = 0; q < kQuads; ++q) {
      const int first = 4 * (lane + q * kWarp);
      float g0[4] = {}, g1[4] = {}, lane0[4], lane1[4], attention[4], mlp[4], scale[4];
      if (in.out0_grad != nullptr) load_quad(in.out0_grad + at, first, width, g0);
      if (in.out1_grad != nullptr) load_quad(in.out1_grad + at, first, width, g1);
      load_quad(of.lane0 + at, first, width, lane0);
      load_quad(of.lane1 + at, first, width, lane1);
      load_quad(static_cast<const Y*>(of.attention) + at, first, width, attention);
      load_quad(static_cast<const Y*>(of.mlp) + at, first, width, mlp);
      for (int i = 0; i < 4; ++i) {
        sums[0][q][i] += g0[i] * attention[i];
        sums[1][q][i] += g1[i] * attention[i];
        sums[2][q][i] += g0[i] * mlp[i];
        sums[3][q][i] += g1[i] * mlp[i];
        sums[4][q][i] += g0[i] * lane0[i];
        sums[5][q][i] += g1[i] * lane1[i];
      }
      load_quad(of.attention_scale, first, width, scale);
      for (int i = 0; i < 4; ++i) attention[i] = scale[i] * (of.post[0] * g0[i] + of.post[1] * g1[i]);
      store_quad(static_cast<Y*>(in.attention_grad) + at, first, width, attention);
      load_quad(of.mlp_scale, first, width, scale);
      for (int i = 0; i < 4; ++i) mlp[i] = scale[i] * (of.post[2] * g0[i] + of.post[3] * g1[i]);
      store_quad(static_cast<Y*>(in.mlp_grad) + at, first, width, mlp);
      for (int i = 0; i < 4; ++i) {
        g0[i] *= of.resid[0];
        g1[i] *= of.resid[1];
      }
      store_quad(of.out0 + at, first, width, g0);
      store_quad(of.out1 + at, first, width, g1);
    }
  }
  const long long part = static_cast<long long>(gridDim.x) * width;
  float* const out = in.sums + static_cast<long long>(blockIdx.x) * width;
#pragma unroll
  for (int k = 0; k < 6; ++k) write_channel_sums<kQuads>(shared, sums[k], width, out + k * part);
}

}  // namespace golf::cuda
