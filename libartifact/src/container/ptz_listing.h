#pragma once

#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// Every tensor anywhere in the value, as it lies there; named by the keys that lead to it, "layers/0/q".
StoredModel list_tensors(const TorchValue& value);

}  // namespace golf
