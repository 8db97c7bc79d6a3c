#include "golf_train/error_file.h"

#include <chrono>
#include <exception>

#include "common/run_main.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"

namespace golf {

void write_error_file(const VariableLookup& variable, const std::string& message) noexcept {
  try {
    const std::optional<std::string> path = variable("TORCHELASTIC_ERROR_FILE");
    if (!path || path->empty() || *path == "-") return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const std::string line = printable("golf-train: " + message, 4'095);
    // torchrun's summary shows the call stack in place of the message, and it reads the time as text.
    const Json extra = Json::object({{"py_callstack", line}, {"timestamp", std::to_string(seconds)}});
    const Json inner = Json::object({{"message", line}, {"extraInfo", extra}});
    const Json document = Json::object({{"message", inner}});
    write_file_atomic(*path, as_bytes(document.dump()));
  } catch (const std::exception&) {
  }
}

ExitCode with_error_file(const VariableLookup& variable, const std::function<ExitCode()>& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    write_error_file(variable, error.what());
    throw;
  }
}

}  // namespace golf
