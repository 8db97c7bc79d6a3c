#include "golf/artifact/container/file_kind.h"

#include <array>
#include <cstring>

#include "container/ptz_container.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

bool is_golf(ByteView bytes) { return as_text(bytes).starts_with(kGolfMagic); }

bool is_token_shard(ByteView bytes) {
  int32_t magic = 0;
  if (bytes.size() < sizeof(magic)) return false;
  std::memcpy(&magic, bytes.data(), sizeof(magic));
  return magic == kShardMagic;
}

/// SentencePiece writes ModelProto.pieces first, and this is its protobuf tag.
bool is_tokenizer(ByteView bytes) { return !bytes.empty() && bytes[0] == std::byte{0x0a}; }

struct KindRow {
  FileKind kind;
  bool (*recognizes)(ByteView bytes);
};
/// The first row that recognizes the bytes decides. Safetensors come before .ptz, because the length at their
/// beginning can look like a zlib header. Torch checkpoints come after it, because a .ptz without compression
/// is a torch zip too.
constexpr std::array kRows = {
    KindRow{FileKind::kGolf, is_golf},
    KindRow{FileKind::kTokenShard, is_token_shard},
    KindRow{FileKind::kSafetensors, is_safetensors},
    KindRow{FileKind::kPtz, is_ptz},
    KindRow{FileKind::kTorchCheckpoint, is_torch_file},
    KindRow{FileKind::kTokenizer, is_tokenizer},
};

}  // namespace

FileKind identify(ByteView bytes) {
  for (const KindRow& row : kRows) {
    if (row.recognizes(bytes)) return row.kind;
  }
  return FileKind::kUnknown;
}

}  // namespace golf
