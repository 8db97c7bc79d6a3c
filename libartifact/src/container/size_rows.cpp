#include "container/size_rows.h"

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

}  // namespace golf
