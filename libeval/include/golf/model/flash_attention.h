#pragma once

#include <string>

namespace golf {

/// Has attention on a GPU in bf16 computed by FlashAttention-3 from now on, in this process. `file` is its
/// library for LibTorch's stable interface: flash_attn_3/_C.abi3.so of the wheel flash-attn-3. Loading it
/// registers the operators flash_attn_3::fwd and flash_attn_3::bwd, which are then called by name. Not while
/// a model computes.
/// @throws Error kIo (no such file), kUnsupported (it cannot be loaded, or has not both operators)
void load_flash_attention(const std::string& file);

}  // namespace golf
