#pragma once

#include <optional>
#include <span>
#include <vector>

#include "encode/golf/plane_history.h"

namespace golf {

/// How a plane's rows go with those of an earlier plane. Without a companion: its columns are what other
/// planes have as columns, too, as all that read one residual stream.
struct Relation {
  bool transposed = false;  ///< the plane
  Companion companion = {};
  int memory = 0;
};

/// Finds, among planes of a stream, those whose rows go together: what goes into hidden units and what comes
/// out of them, values and outputs of attention heads. A relation holds from layer to layer, so it is looked
/// for as products of columns that are alike in two pairs of planes of the same shapes at the same distance;
/// chance does not repeat itself. For a pair without its like, two halves of the rows serve. Relations that
/// come again get a memory, the strongest first.
std::vector<std::optional<Relation>> find_relations(std::span<const PlaneSource> planes);

}  // namespace golf
