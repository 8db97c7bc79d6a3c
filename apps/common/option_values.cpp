#include "common/option_values.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "common/console.h"
#include "common/run_main.h"
#include "common/terminal.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/name_or_path.h"

namespace golf {

std::optional<ModelSpec> read_model_option(const std::string& name_or_path) {
  if (name_or_path.empty()) return std::nullopt;
  if (is_path(name_or_path)) return load_model_spec(name_or_path);
  return parse_option("--model-config", [&] { return load_model_spec(name_or_path); });
}

void add_key_option(CLI::App& app, std::string& key, const char* group) {
  app.add_option(
         "--key", key,
         "of a torch file that holds several state dicts, the one to read, such as ema, or train.model "
         "for nested ones")
      ->type_name("KEY")
      ->group(group);
}

void note_reading(Console& console, const std::string& what, const std::vector<std::string>& notes) {
  for (const std::string& note : notes) console.note(fmt::format("{}: {}", printable(what), note));
}

void check_output(const std::string& path, const std::vector<std::string>& inputs, bool binary) {
  if (path == "-") {
    if (binary && is_terminal(STDOUT_FILENO)) {
      throw UsageError("standard output is a terminal, not a place for binary data: use -o FILE or a pipe");
    }
    return;
  }
  struct stat output {};
  if (::stat(path.c_str(), &output) == 0) {
    for (const std::string& input : inputs) {
      struct stat info {};
      if (input != "-" && ::stat(input.c_str(), &info) == 0 && info.st_dev == output.st_dev &&
          info.st_ino == output.st_ino) {
        throw UsageError(fmt::format("{}: is also the input: choose another output", printable(path)));
      }
    }
    if (!S_ISREG(output.st_mode)) {
      fail(ErrorCode::kIo, fmt::format("{}: is {}: choose another output", printable(path),
                                       S_ISDIR(output.st_mode) ? "a directory" : "not a regular file"));
    }
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    fail(ErrorCode::kIo, fmt::format("{}: cannot write into folder {}: {}", printable(path),
                                     printable(folder), std::strerror(errno)));
  }
}

}  // namespace golf
