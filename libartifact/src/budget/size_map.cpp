#include "golf/artifact/budget/size_map.h"

#include <algorithm>
#include <numeric>

namespace golf {

std::string_view part_name(BytePart part) {
  switch (part) {
    case BytePart::kPayload:
      return "payload";
    case BytePart::kScales:
      return "scales";
    case BytePart::kMetadata:
      return "metadata";
    case BytePart::kContainer:
      return "container";
    case BytePart::kCode:
      return "code";
  }
  return "container";
}

uint64_t SizeMap::sum() const {
  uint64_t total = 0;
  for (const SizeRow& row : rows) total += row.bytes;
  return total;
}

std::vector<uint64_t> apportion(uint64_t total, const std::vector<uint64_t>& weights) {
  std::vector<uint64_t> shares(weights.size());
  if (weights.empty()) return shares;
  __extension__ using Wide = unsigned __int128;  // total · weight may pass 64 bits
  const Wide sum = std::accumulate(weights.begin(), weights.end(), Wide{0});
  if (sum == 0) {
    shares[0] = total;
    return shares;
  }
  std::vector<Wide> remainders(weights.size());
  uint64_t left = total;
  for (size_t i = 0; i < weights.size(); ++i) {
    const Wide product = Wide{total} * weights[i];
    shares[i] = static_cast<uint64_t>(product / sum);
    remainders[i] = product % sum;
    left -= shares[i];
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; i < left; ++i) ++shares[order[i]];
  return shares;
}

}  // namespace golf
