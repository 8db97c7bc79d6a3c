#pragma once

#include <string>

namespace golf {

/// Removes what calls of write_file_atomic() that were cut off (SIGKILL, a power cut) left in a folder. For
/// folders that nobody else writes to. @throws Error kIo
void remove_temporary_files(const std::string& folder);

}  // namespace golf
