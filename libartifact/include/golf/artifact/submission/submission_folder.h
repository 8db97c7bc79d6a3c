#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/folder_limits.h"

namespace golf {

/// A file of a folder. Links inside it are never followed, so nothing outside is ever opened.
struct FolderFile {
  enum class State {
    kListed,      ///< not of a kind whose content is read
    kRead,        ///< `content` is all of it
    kLink,        ///< a symbolic link
    kSpecial,     ///< a pipe, socket or device
    kTooLarge,    ///< over limits::kFolderTextBytes, or with it the folder over kFolderBytes or kFolderLines
    kTooMany,     ///< a script after the first limits::kFolderScripts
    kUnreadable,  ///< the operating system refused
  };
  std::string name;  ///< relative to the folder, with '/'
  uint64_t bytes = 0;
  State state = State::kListed;
  Bytes content = {};

  std::string_view text() const { return as_text(content); }
  std::string_view base_name() const;
  /// Whether it lies in the folder itself.
  bool is_top() const { return name.find('/') == std::string::npos; }
  /// ".py", in lower case; empty when it has none.
  std::string extension() const;
};

struct Folder {
  std::string path;               ///< as given
  std::vector<FolderFile> files;  ///< sorted by name
  bool cut = false;               ///< there are more entries or deeper folders than the limits allow

  const FolderFile* find(std::string_view name) const;
};

/// Lists a folder and reads the texts in it: .py, .json, .log, .txt, .sh and .md.
/// @throws Error kInvalidArgument when it is no folder that can be opened
Folder read_folder(const std::string& path);

}  // namespace golf
