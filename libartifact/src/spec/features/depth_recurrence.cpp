#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

SettingRow integer(std::string_view key, int64_t standard, std::string_view help, int64_t low, int64_t high) {
  return {.key = key,
          .kind = SettingRow::Kind::kInteger,
          .standard = standard,
          .help = help,
          .low = low,
          .high = high};
}

}  // namespace

FeatureDeclaration depth_recurrence() {
  return {
      .name = "depth_recurrence",
      .order = 70,
      .summary = "a range of blocks runs several times with the same weights (PRs 1394, 1493, 1855)",
      .settings = {integer("first_block", 3, "first block of the range, counted from 0", 0, 1023),
                   integer("last_block", 5, "last block of the range", 0, 1023),
                   integer("loops", 2, "runs of the range beyond the first", 1, 64)},
      .validate =
          [](const ModelConfig& config, const FeatureSettings& settings) {
            const int64_t first = settings.integer("first_block"), last = settings.integer("last_block");
            require_range("model.depth_recurrence.last_block", last, 0, config.num_layers - 1);
            require(first <= last, "model.depth_recurrence.first_block",
                    fmt::format("{} comes after last_block {}", first, last));
          },
      .order_blocks =
          [](const FeatureSettings& settings, std::vector<int64_t>& blocks) {
            const auto size = static_cast<int64_t>(blocks.size());
            const int64_t last = settings.integer("last_block");
            if (settings.integer("first_block") > last || last >= size) return;  // refused by validate
            const auto first = blocks.begin() + settings.integer("first_block");
            const auto end = blocks.begin() + last + 1;
            const std::vector<int64_t> range(first, end);
            auto place = end;
            for (int64_t loop = 0; loop < settings.integer("loops"); ++loop) {
              place = blocks.insert(place, range.begin(), range.end()) + static_cast<int64_t>(range.size());
            }
          },
      .read_variables =
          [](FeatureVariables& variables) {
            const auto loops = variables.integer("NUM_LOOPS");
            // In PR 192's program NUM_LOOPS means another thing, and 1 is off; PR 1394's has a range.
            const bool has_range = variables.integer("LOOP_START") || variables.integer("LOOP_END");
            if (!variables.has() && !has_range) {
              if (loops && *loops > 1) {
                variables.refuse("NUM_LOOPS",
                                 "golf-train does not train this part of the submission; only 1 is taken");
              }
              return;
            }
            if (loops) variables.turn(*loops > 0, "NUM_LOOPS");  // 0 is off
            if (!variables.has()) return;
            variables.take_integer("NUM_LOOPS", "loops");
            variables.take_integer("LOOP_START", "first_block");
            variables.take_integer("LOOP_END", "last_block");
          },
  };
}

}  // namespace golf::features
