#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace golf {

/// SHA-256's eight words. Source: FIPS 180-4.
using Sha256State = std::array<uint32_t, 8>;

/// Takes in blocks of 64 bytes.
void add_blocks(Sha256State& state, const std::byte* data, size_t blocks);

/// Whether this processor has instructions for it.
bool has_sha_instructions();
/// The same by these, four to eight times as fast. Only where there are any.
void add_blocks_by_instructions(Sha256State& state, const std::byte* data, size_t blocks);

}  // namespace golf
