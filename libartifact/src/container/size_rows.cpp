#include "container/size_rows.h"

#include <numeric>

#include "encode/golf/golf_codec.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {

SizeRow tensor_row(const StoredTensor& tensor, bool scales, uint64_t bytes, uint64_t raw_bytes,
                   bool apportioned) {
  return {.tensor = tensor.name,
          .group = std::string(role_name(role_of(tensor.name))),
          .layer = layer_of(tensor.name),
          .scheme = tensor.scheme(),
          .part = scales ? BytePart::kScales : BytePart::kPayload,
          .bytes = bytes,
          .raw_bytes = raw_bytes,
          .elements = scales ? 0 : tensor.values.elements(),
          .apportioned = apportioned};
}

SizeRow overhead_row(BytePart part, uint64_t bytes, uint64_t raw_bytes, bool apportioned) {
  return {
      .group = "container", .part = part, .bytes = bytes, .raw_bytes = raw_bytes, .apportioned = apportioned};
}

namespace {

/// How a stream's stored bytes divide among its tensors.
struct StreamShares {
  std::vector<uint64_t> tensors;
  uint64_t common = 0;       ///< bytes that belong to all
  bool apportioned = false;  ///< in proportion to the raw bytes, for want of better knowledge
};

StreamShares stream_shares(CodecId codec, ByteView stored, std::span<const StreamTensor> tensors,
                           const std::string& place) {
  StreamShares shares;
  if (codec == CodecId::kGolf) {
    shares.tensors = golf_tensor_bytes(tensors, stored, place);
    shares.common =
        stored.size() - std::accumulate(shares.tensors.begin(), shares.tensors.end(), uint64_t{0});
    return shares;
  }
  std::vector<uint64_t> raw;
  for (const StreamTensor& tensor : tensors) raw.push_back(tensor.bytes());
  shares.tensors = apportion(stored.size(), raw);
  shares.apportioned = raw.size() > 1;
  return shares;
}

}  // namespace

void add_stream_rows(SizeMap& sizes, CodecId codec, ByteView stored, const std::vector<TableEntry>& table,
                     const std::vector<StreamPart>& parts, const std::string& place) {
  const StreamShares shares = stream_shares(codec, stored, stream_tensors(parts), place);
  for (size_t i = 0; i < parts.size(); ++i) {
    sizes.rows.push_back(tensor_row(table[parts[i].tensor].tensor, parts[i].scales, shares.tensors[i],
                                    parts[i].form.bytes(), shares.apportioned));
  }
  if (shares.common > 0) sizes.rows.push_back(overhead_row(BytePart::kContainer, shares.common, 0, false));
}

}  // namespace golf
