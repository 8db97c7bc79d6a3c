#include "encode/golf/plane_model.h"

namespace golf {

PlaneView natural_view(const Shape& shape) {
  const auto elements = static_cast<size_t>(element_count(shape));
  if (shape.size() < 2 || elements == 0) return {elements, 1};
  const auto rows = static_cast<size_t>(shape[0]);
  return {rows, elements / rows};
}

}  // namespace golf
