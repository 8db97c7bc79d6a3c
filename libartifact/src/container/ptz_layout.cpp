#include "container/ptz_layout.h"

#include <fmt/format.h>

#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

// The first row that recognizes a dictionary reads it: int8_clean takes every other format name, to refuse
// it.
constexpr std::array kTable = {
    PtzLayoutRow{"int8_clean_clip", recognizes_int8_clean_clip, read_int8_clean, write_int8_clean_clip},
    PtzLayoutRow{"int6_clean", recognizes_int6_clean, read_int8_clean, write_int6_clean},
    PtzLayoutRow{"int8_clean", recognizes_int8_clean, read_int8_clean, write_int8_clean},
    PtzLayoutRow{"wm_s", recognizes_wm_s, read_wm_s, write_wm_s},
    PtzLayoutRow{"gptq", recognizes_gptq, read_wm_scale, write_gptq},
    PtzLayoutRow{"wm_scale", recognizes_wm_scale, read_wm_scale, write_wm_scale},
};

}  // namespace

std::span<const PtzLayoutRow> ptz_layout_table() { return kTable; }

const PtzLayoutRow& ptz_layout_row(std::string_view name) {
  std::string names;
  for (const PtzLayoutRow& row : kTable) {
    if (row.name == name) return row;
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  fail(ErrorCode::kInvalidArgument, fmt::format("ptz layout \"{}\" is not one of: {}, pgrp_v1, pgrp_v2, "
                                                "pgrp_v2_lrzip: use a recipe that has one, or --format golf",
                                                printable(name), names));
}

}  // namespace golf
