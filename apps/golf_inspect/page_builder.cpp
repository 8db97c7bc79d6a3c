#include "golf_inspect/page_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "golf/artifact/base/file.h"
#include "golf/artifact/container/compare_codecs.h"
#include "golf_inspect/runs_view.h"
#include "golf_inspect/views.h"
#include "page/html_page.h"

namespace golf {
namespace {

RowSelection by_tensor() { return {.by = BreakdownKey::kTensor, .filter = {}, .sort = "file", .top = {}}; }

std::string short_name(const std::string& path) {
  return path == "-" ? "standard input" : std::filesystem::path(path).filename().string();
}

}  // namespace

Json integers_json(const StoredModel& model) {
  constexpr int kLowest = -128;
  Json tensors = Json::array();
  for (const StoredTensor& tensor : model.tensors) {
    std::array<uint64_t, 256> counts{};
    if (tensor.encoding != Encoding::kPassthrough) {
      for (const int8_t value : tensor.values.values<int8_t>())
        ++counts[static_cast<size_t>(value - kLowest)];
    }
    const auto occurs = [](uint64_t times) { return times > 0; };
    const auto first = std::find_if(counts.begin(), counts.end(), occurs);
    const auto end = std::find_if(counts.rbegin(), std::make_reverse_iterator(first), occurs).base();
    Json list = Json::array();
    for (auto times = first; times < end; ++times) list.push_back(*times);
    tensors.push_back(Json::object({{"name", tensor.name},
                                    {"scheme", tensor.scheme()},
                                    {"low", static_cast<int64_t>(first - counts.begin()) + kLowest},
                                    {"counts", std::move(list)},
                                    {"order0_bits", order0_bits(tensor)}}));
  }
  return tensors;
}

void PageBuilder::add_file(FileReport report, const std::optional<BudgetReport>& budget) {
  names_.push_back(short_name(report.name));
  text_ += (text_.empty() ? "" : "\n") + summary_text(report, budget, by_tensor(), Style(false));
  Json file = summary_json(report, budget, by_tensor());
  if (report.stored) file["integers"] = integers_json(*report.stored);
  files_.push_back(std::move(file));
  report.stored.reset();
  if (report.is_model()) models_.push_back(std::move(report));
}

std::string PageBuilder::html() const {
  Json page = Json::object({{"files", files_}});
  if (models_.size() == 2) {
    RowSelection largest_first = by_tensor();
    largest_first.sort = "bytes";
    page["diff"] = diff_json(models_[0], models_[1], largest_first);
  }
  std::string text = text_;
  std::vector<std::string> names = names_;
  if (!runs_.empty()) {
    page["runs"] = runs_json(runs_);
    text += (text.empty() ? "" : "\n") + runs_text(runs_, Style(false));
    for (const std::string& label : short_labels(runs_)) names.push_back(label);
  }
  const std::string title = names.size() == 1   ? names[0]
                            : names.size() == 2 ? names[0] + " and " + names[1]
                                                : fmt::format("{} and {} others", names[0], names.size() - 1);
  return html_page(title, text, std::move(page));
}

}  // namespace golf
