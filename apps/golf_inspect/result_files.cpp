#include "golf_inspect/result_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr std::array<std::string_view, 5> kSchemas = {"golf.verify/1", "golf.significance/1", "golf.paired/1",
                                                      "golf.data-audit/1", "golf.batch/1"};

std::string schema_of(const Json& document) {
  const Json* schema = document.is_object() ? document.find("schema") : nullptr;
  return schema != nullptr && schema->is_string() ? schema->as_string() : std::string();
}

/// One document, or one a line.
Json::Array documents_of(std::string_view text, const std::string& what) {
  const std::string_view first = text.substr(0, text.find('\n'));
  if (!first.starts_with('{') || !first.ends_with('}')) return {parse_json(text, what)};
  Json::Array documents;
  for (size_t from = 0, number = 1; from < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    if (!line.empty()) documents.push_back(parse_json(line, fmt::format("{}:{}", what, number)));
    from = end + 1;
  }
  return documents;
}

}  // namespace

Json read_result_file(const std::string& path) {
  const std::string what = display_name(path);
  const Bytes bytes = read_file(path, limits::kJsonBytes);
  Json::Array documents = documents_of(as_text(bytes), what);
  const std::string schema = schema_of(documents.front());
  const bool one = documents.size() == 1 && schema != "golf.batch/1";
  const bool alike =
      std::ranges::all_of(documents, [&](const Json& document) { return schema_of(document) == schema; });
  if (!alike || (documents.size() > 1 && schema != "golf.batch/1") ||
      std::find(kSchemas.begin(), kSchemas.end(), schema) == kSchemas.end()) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: is no JSON result of golf-eval verify, significance, data-audit or batch", what));
  }
  Json result = one ? std::move(documents.front())
                    : Json::object({{"schema", schema}, {"lines", Json(std::move(documents))}});
  return Json::object({{"file", path}, {"result", std::move(result)}});
}

}  // namespace golf
