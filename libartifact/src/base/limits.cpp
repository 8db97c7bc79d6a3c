#include "golf/artifact/base/limits.h"

#include <array>

#include "golf/artifact/base/folder_limits.h"

namespace golf {

std::span<const LimitRow> limit_rows() {
  static constexpr std::array kRows = {
      LimitRow{"file", limits::kFileBytes, "bytes"},
      LimitRow{"decompressed size", limits::kDecompressedBytes, "bytes"},
      LimitRow{"pickle", limits::kPickleBytes, "bytes"},
      LimitRow{"pickle opcodes", limits::kPickleOpcodes, ""},
      LimitRow{"pickle memo", limits::kPickleMemoEntries, "entries"},
      LimitRow{"pickle nesting", limits::kPickleNesting, "levels"},
      LimitRow{"pickle string", limits::kPickleStringBytes, "bytes"},
      LimitRow{"pickle values, shared ones counted each time", limits::kPickleValues, ""},
      LimitRow{"pickle stack", limits::kPickleStack, "values"},
      LimitRow{"zip entries", limits::kZipEntries, ""},
      LimitRow{"JSON document", limits::kJsonBytes, "bytes"},
      LimitRow{"JSON nesting", limits::kJsonNesting, "levels"},
      LimitRow{"safetensors header", limits::kSafetensorsHeaderBytes, "bytes"},
      LimitRow{"tensors in a file", limits::kTensors, ""},
      LimitRow{"tensor rank", limits::kTensorRank, "dimensions"},
      LimitRow{"tensor bytes, all together", limits::kTensorBytesTotal, "bytes"},
      LimitRow{"tensor bytes from views of a small file", limits::kViewBaseBytes, "bytes"},
      LimitRow{"tensor bytes from views, more per stored byte", limits::kViewBytesPerStoredByte, "bytes"},
      LimitRow{"submission's folder", limits::kFolderEntries, "entries"},
      LimitRow{"submission's folder, depth", limits::kFolderDepth, "levels"},
      LimitRow{"scripts of a submission", limits::kFolderScripts, ""},
      LimitRow{"text in a submission", limits::kFolderTextBytes, "bytes"},
      LimitRow{"text in a submission, lines", limits::kTextLines, ""},
      LimitRow{"texts of a submission, all together", limits::kFolderBytes, "bytes"},
      LimitRow{"texts of a submission, lines of all together", limits::kFolderLines, ""},
      LimitRow{"script that unpacks itself", limits::kUnpackedScriptBytes, "bytes"},
      LimitRow{"unpacked scripts of a submission together", limits::kUnpackedFolderBytes, "bytes"},
      LimitRow{"script that unpacks itself, wrappers", limits::kWrapperDepth, "levels"},
  };
  return kRows;
}

}  // namespace golf
