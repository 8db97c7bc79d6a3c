#include "golf/artifact/text/caseops.h"

#include <gtest/gtest.h>

#include <numeric>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

const std::string kTitle = "\xEE\x80\x81";
const std::string kAllCaps = "\xEE\x80\x82";
const std::string kCapNext = "\xEE\x80\x83";
const std::string kEscape = "\xEE\x80\x84";

TEST(CaseOps, WritesEachKindOfWordInItsWay) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"the end", "the end"},
      {"The End", kTitle + "the " + kTitle + "end"},
      {"I am", kTitle + "i am"},
      {"NASA's", kAllCaps + "nasa's"},
      {"iPhone", "i" + kCapNext + "phone"},
      {"McDonald", kTitle + "mc" + kCapNext + "donald"},
      {"ABc", kTitle + "a" + kCapNext + "bc"},
      {"3D \xC3\x89t\xC3\xA9", "3" + kTitle + "d \xC3\x89t\xC3\xA9"},  // letters beyond ASCII stay
      {kTitle + "X", kEscape + kTitle + kTitle + "x"},
      {kEscape, kEscape + kEscape}};
  for (const auto& [text, coded] : cases) {
    EXPECT_EQ(caseops::encode(text), coded) << text;
    EXPECT_EQ(caseops::decode(coded), text);
    EXPECT_EQ(caseops::text_bytes(coded), static_cast<int64_t>(text.size())) << text;
  }
}

TEST(CaseOps, RefusesMarksOutOfOrder) {
  for (const std::string& coded :
       {kTitle, kEscape, kTitle + " a", kCapNext + kCapNext + "a", "a" + kTitle + "b", kTitle + kEscape + "a",
        kAllCaps + kTitle + "a", "a" + kCapNext}) {
    EXPECT_GOLF_ERROR(caseops::decode(coded), ErrorCode::kCorruptData, "byte ");
  }
  EXPECT_GOLF_ERROR(caseops::encode("a\xFF"), ErrorCode::kCorruptData, "byte 1: not valid UTF-8");
}

TEST(CaseOps, CountsAnEscapedMarkAtThePieceThatHoldsIt) {
  const std::vector<std::string> surfaces = {kTitle, "t", "he", kEscape, kTitle, "", "\xC3\xA9"};
  EXPECT_EQ(caseops::count_bytes(surfaces), (std::vector<uint16_t>{0, 1, 2, 0, 3, 0, 2}));
}

std::vector<std::string> strings(const Json& array) {
  std::vector<std::string> values;
  for (const Json& value : array.as_array()) values.push_back(value.as_string());
  return values;
}

std::vector<uint16_t> numbers(const Json& array) {
  std::vector<uint16_t> values;
  for (const Json& value : array.as_array()) values.push_back(static_cast<uint16_t>(value.as_int()));
  return values;
}

TEST(CaseOpsReference, TransformsAndCountsTheGivenCases) {
  GOLF_NEED_REFERENCE_DATA();
  const Json cases = read_json_file(test::reference_data() + "/pr1855/caseops_cases.json");
  int forward = 0;
  for (const Json& row : cases.at("forward").as_array()) {
    const std::string& text = row.at("text").as_string();
    EXPECT_EQ(caseops::encode(text), row.at("transformed").as_string()) << text;
    EXPECT_EQ(caseops::decode(row.at("transformed").as_string()), text);
    EXPECT_EQ(caseops::count_bytes(strings(row.at("surfaces"))), numbers(row.at("bytes"))) << text;
    ++forward;
  }
  EXPECT_EQ(forward, 152);
  const auto expect_inverse = [](const Json& row) {
    const std::string& coded = row.at("transformed").as_string();
    if (const Json* error = row.find("error"); error != nullptr && error->as_bool()) {
      EXPECT_GOLF_ERROR(caseops::decode(coded), ErrorCode::kCorruptData, "byte ");
    } else {
      EXPECT_EQ(caseops::decode(coded), row.at("text").as_string()) << row.dump();
    }
  };
  EXPECT_EQ(cases.at("inverse").as_array().size(), 36U);
  for (const Json& row : cases.at("inverse").as_array()) expect_inverse(row);
  EXPECT_EQ(cases.at("byte_counts_from_surfaces").as_array().size(), 19U);
  for (const Json& row : cases.at("byte_counts_from_surfaces").as_array()) {
    const auto count = [&] { return caseops::count_bytes(strings(row.at("surfaces"))); };
    if (const Json* bytes = row.find("bytes"); bytes != nullptr && !bytes->is_null()) {
      EXPECT_EQ(count(), numbers(*bytes)) << row.dump();
    } else {
      EXPECT_GOLF_ERROR(count(), ErrorCode::kCorruptData, "byte ");
    }
  }
  const Json more = read_json_file(test::reference_data() + "/pr1855/caseops_inverse_more.json");
  EXPECT_EQ(more.as_array().size(), 32U);
  for (const Json& row : more.as_array()) expect_inverse(row);
}

}  // namespace
}  // namespace golf
