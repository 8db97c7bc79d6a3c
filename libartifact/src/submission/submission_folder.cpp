#include "golf/artifact/submission/submission_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/descriptor.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

constexpr std::array<std::string_view, 6> kTextEndings = {".py", ".json", ".log", ".txt", ".sh", ".md"};

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Reads at most `size` bytes: a file that grows meanwhile is cut, one that shrinks is shorter.
bool read_whole(int fd, uint64_t size, Bytes& content) {
  content.resize(size);
  size_t used = 0;
  while (used < content.size()) {
    const ssize_t got = ::read(fd, content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    used += static_cast<size_t>(got);
  }
  content.resize(used);
  return true;
}

class FolderReader {
 public:
  explicit FolderReader(Folder& folder) : folder_(folder) {}

  /// Takes over `fd`, a folder's.
  void read(int fd, const std::string& prefix, int depth) {
    const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(fd));
    if (!directory) {
      ::close(fd);
      return;
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == ".." || name == ".git") continue;
      if (++entries_ > limits::kFolderEntries) {
        folder_.cut = true;
        break;
      }
      names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());  // which files are within the limits must not depend on the disk
    // The folder's own files before those of its folders: these shall not use up the limits.
    std::vector<std::string> folders;
    for (const std::string& name : names) take(::dirfd(directory.get()), name, prefix, folders);
    for (const std::string& name : folders) enter(::dirfd(directory.get()), name, prefix, depth);
  }

 private:
  void take(int parent, const std::string& name, const std::string& prefix,
            std::vector<std::string>& folders) {
    struct stat info {};
    FolderFile file{.name = prefix + name};
    if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      file.state = FolderFile::State::kUnreadable;
    } else if (S_ISDIR(info.st_mode)) {
      folders.push_back(name);
      return;
    } else if (S_ISLNK(info.st_mode)) {
      file.state = FolderFile::State::kLink;
    } else if (!S_ISREG(info.st_mode)) {
      file.state = FolderFile::State::kSpecial;
    } else {
      file.bytes = static_cast<uint64_t>(info.st_size);
      if (std::find(kTextEndings.begin(), kTextEndings.end(), file.extension()) != kTextEndings.end()) {
        file.state = read_text(parent, name, file);
      }
    }
    folder_.files.push_back(std::move(file));
  }

  void enter(int parent, const std::string& name, const std::string& prefix, int depth) {
    const bool too_deep = depth >= limits::kFolderDepth;
    const int fd =
        too_deep ? -1 : ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) return read(fd, prefix + name + "/", depth + 1);
    folder_.cut |= too_deep;
    folder_.files.push_back({.name = prefix + name + "/", .state = FolderFile::State::kUnreadable});
  }

  FolderFile::State read_text(int parent, const std::string& name, FolderFile& file) {
    if (file.bytes > limits::kFolderTextBytes || file.bytes > limits::kFolderBytes - read_) {
      return FolderFile::State::kTooLarge;
    }
    if (file.extension() == ".py" && ++scripts_ > limits::kFolderScripts) return FolderFile::State::kTooMany;
    // The entry may have become a link or a pipe since it was looked at.
    const Descriptor fd(::openat(parent, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
        !read_whole(fd.get(), file.bytes, file.content)) {
      return FolderFile::State::kUnreadable;
    }
    const auto lines =
        static_cast<uint64_t>(std::count(file.content.begin(), file.content.end(), std::byte{'\n'}));
    if (lines > limits::kFolderLines - lines_) {
      file.content = {};
      return FolderFile::State::kTooLarge;
    }
    lines_ += lines;
    read_ += file.bytes;
    return FolderFile::State::kRead;
  }

  Folder& folder_;
  uint64_t entries_ = 0, scripts_ = 0;
  uint64_t read_ = 0;   ///< bytes
  uint64_t lines_ = 0;  ///< of what was read
};

}  // namespace

std::string_view FolderFile::base_name() const {
  const size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string_view(name) : std::string_view(name).substr(slash + 1);
}

std::string FolderFile::extension() const {
  const std::string_view base = base_name();
  const size_t dot = base.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string ending(base.substr(dot));
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return ending;
}

const FolderFile* Folder::find(std::string_view name) const {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const FolderFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

Folder read_folder(const std::string& path) {
  Folder folder{.path = path, .files = {}};
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: cannot open as a folder: {}: give a submission's folder", printable(path),
                     std::strerror(errno)));
  }
  FolderReader(folder).read(fd, "", 1);
  std::sort(folder.files.begin(), folder.files.end(),
            [](const FolderFile& a, const FolderFile& b) { return a.name < b.name; });
  return folder;
}

}  // namespace golf
