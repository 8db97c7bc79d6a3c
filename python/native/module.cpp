// golf._native: the libraries as python/golf/__init__.py uses them. Long work runs without the GIL.
#include <nanobind/stl/string.h>

#include <string>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/base/version.h"
#include "native.h"

namespace golf::python {
namespace {

nb::object string_of(std::string_view text) {
  return nb::steal(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape"));
}

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kCorruptData:
      return "corrupt_data";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kMismatch:
      return "mismatch";
    case ErrorCode::kRunFailed:
      return "run_failed";
  }
  return "";
}

/// golf.Error with the line that the tools print, less the tool's name.
void raise(const Error& error, PyObject* type) {
  constexpr size_t kMaxMessageBytes = 4'096;
  nb::object raised = nb::handle(type)(string_of(printable(error.what(), kMaxMessageBytes)));
  raised.attr("code") = name_of(error.code());
  PyErr_SetObject(type, raised.ptr());
}

}  // namespace

nb::object to_python(const Json& json) {
  if (json.is_null()) return nb::none();
  if (json.is_bool()) return nb::bool_(json.as_bool());
  if (json.is_string()) return string_of(json.as_string());
  if (json.is_array()) {
    nb::list list;
    for (const Json& element : json.as_array()) list.append(to_python(element));
    return list;
  }
  if (json.is_object()) {
    nb::dict dict;
    for (const auto& [key, value] : json.as_object()) dict[string_of(key)] = to_python(value);
    return dict;
  }
  if (!json.is_integer()) return nb::float_(json.as_double());
  const bool negative = json.as_double() < 0;
  return negative ? nb::int_(json.as_int()) : nb::int_(json.as_uint());
}

std::string path_of(const std::filesystem::path& path) { return path == "-" ? "./-" : path.string(); }

}  // namespace golf::python

NB_MODULE(_native, module) {
  using namespace golf::python;
  nb::object error = nb::steal(
      PyErr_NewExceptionWithDoc("golf.Error",
                                "What was wrong, in one line: where, what was expected and found, what to "
                                "do.\n\n``code`` is one of \"invalid_argument\", \"corrupt_data\", "
                                "\"unsupported\", \"io\", \"mismatch\", \"run_failed\".",
                                nullptr, nullptr));
  module.attr("Error") = error;
  nb::register_exception_translator(
      [](const std::exception_ptr& pointer, void* type) {
        try {
          std::rethrow_exception(pointer);
        } catch (const golf::Error& error) {
          raise(error, static_cast<PyObject*>(type));
        }
      },
      error.ptr());
  module.attr("version") = std::string(golf::project_version());
  module.attr("commit") = std::string(golf::git_commit());
  bind_weights(module);
  bind_reports(module);
  bind_pack(module);
}
