#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// An order of a matrix's rows in which neighbors are similar: from row 0, always the row that is left with
/// the smallest L1 distance to the last one, the lowest index among equals. Row k of the sorted matrix is row
/// order[k]. At most 65,536 rows.
/// Source: docs/SUBMISSIONS.md, PR 1855, Artifact.
std::vector<uint16_t> similar_row_order(std::span<const int8_t> values, size_t rows);

/// The rows in that order (as they are when it is empty), column by column.
std::vector<int8_t> transposed_rows(std::span<const int8_t> values, size_t rows,
                                    std::span<const uint16_t> order);

/// Whether it is a permutation of its indices.
bool is_row_order(std::span<const uint16_t> order);

}  // namespace golf
