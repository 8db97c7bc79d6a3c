#include "model/documents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

void check_cu_seqlens(std::span<const int64_t> cu_seqlens, int64_t positions) {
  const bool ascend =
      std::adjacent_find(cu_seqlens.begin(), cu_seqlens.end(), std::greater_equal<>()) == cu_seqlens.end();
  if (!ascend || cu_seqlens.size() < 2 || cu_seqlens.front() != 0 || cu_seqlens.back() != positions) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("cu_seqlens must ascend from 0 to the number of positions {}, found {}", positions,
                     fmt::join(cu_seqlens, ", ")));
  }
}

}  // namespace

Documents make_documents(std::span<const int64_t> cu_seqlens, int64_t rows, int64_t length,
                         torch::Device device) {
  Documents documents;
  if (cu_seqlens.empty()) return documents;
  check_cu_seqlens(cu_seqlens, rows * length);
  documents.bounds.push_back(0);
  for (const int64_t end : cu_seqlens.subspan(1)) {
    const int64_t first = documents.bounds.back();
    for (int64_t row_end = (first / length + 1) * length; row_end < end; row_end += length) {
      documents.bounds.push_back(row_end);
    }
    documents.bounds.push_back(end);
  }
  for (size_t i = 1; i < documents.bounds.size(); ++i) {
    documents.longest = std::max(documents.longest, documents.bounds[i] - documents.bounds[i - 1]);
  }
  if (!device.is_cpu()) {
    // From pinned memory, so that the processor does not wait for the device.
    const auto count = static_cast<int64_t>(documents.bounds.size());
    const torch::Tensor staged =
        at::empty({count}, at::TensorOptions().dtype(torch::kInt).pinned_memory(device.is_cuda()));
    std::copy(documents.bounds.begin(), documents.bounds.end(), staged.mutable_data_ptr<int32_t>());
    documents.on_device = staged.to(device, /*non_blocking=*/true);
  }
  return documents;
}

}  // namespace golf
