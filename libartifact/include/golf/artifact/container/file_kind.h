#pragma once

#include <string_view>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// First bytes of a .golf artifact. As in PNG, the high bit and the line ends betray a transfer as text.
inline constexpr std::string_view kGolfMagic = "\x89GOLF\r\n\x1a";

enum class FileKind { kGolf, kPtz, kSafetensors, kTorchCheckpoint, kTokenShard, kTokenizer, kUnknown };

/// Says what a file is by its content: the one place that does. Compressed data is taken for a .ptz, and a
/// torch zip is one when it holds a dictionary of a known layout.
FileKind identify(ByteView bytes);

inline bool is_artifact(FileKind kind) { return kind == FileKind::kGolf || kind == FileKind::kPtz; }

}  // namespace golf
