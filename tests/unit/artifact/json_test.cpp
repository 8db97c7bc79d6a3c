#include "golf/artifact/base/json.h"

#include <gtest/gtest.h>

#include <string>

#include "golf/artifact/base/json_fields.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(Json, RoundTripsValuesAndKeepsKeyOrder) {
  const std::string text = R"({"z":1,"a":[true,null,-2,0.1,"x\ny"],"big":18446744073709551615,"o":{}})";
  const Json json = parse_json(text, "t");
  EXPECT_EQ(json.dump(), text);
  EXPECT_EQ(json.at("a").as_array()[3].as_double(), 0.1);
  EXPECT_EQ(json.at("big").as_uint(), ~0ULL);
  EXPECT_EQ(Json(Json::Array{uint64_t{5}, int64_t{-5}, ~uint64_t{0}}).dump(), "[5,-5,18446744073709551615]");
}

TEST(Json, RefusesWhatIsNotStrict) {
  for (const char* bad : {"", "{", "{} x", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "NaN", "[1e999]", "// c\n1",
                          "\"\xff\"", "{\"a\" 1}", "[1 2]"}) {
    EXPECT_GOLF_ERROR(parse_json(bad, "f.json"), ErrorCode::kCorruptData, "f.json: not valid JSON");
  }
  EXPECT_GOLF_ERROR(parse_json(std::string(65, '[') + std::string(65, ']'), "f"), ErrorCode::kCorruptData,
                    "nested deeper than 64");
  EXPECT_NO_THROW(parse_json(std::string(64, '[') + std::string(64, ']'), "f"));
  EXPECT_GOLF_ERROR(parse_json("[1,2,3]", "f", 4), ErrorCode::kCorruptData, "at most 4 allowed");
}

TEST(Json, TypedAccessNamesWhatWasExpected) {
  const Json json = parse_json(R"({"n": 1.5})", "t");
  EXPECT_GOLF_ERROR(json.at("n").as_int(), ErrorCode::kCorruptData, "not an integer");
  EXPECT_GOLF_ERROR(json.at("m"), ErrorCode::kCorruptData, "\"m\" is missing");
}

enum class Shade { kDark, kLight };
constexpr EnumName<Shade> kShades[] = {{Shade::kDark, "dark"}, {Shade::kLight, "light"}};
struct Part {
  int64_t count = 3;
};
struct Whole {
  double rate = 0.5;
  Shade shade = Shade::kDark;
  Part part;
  std::optional<Part> extra;
  std::vector<int64_t> list = {1};
};
void describe(JsonFields& fields, Part& part) { fields.field("count", part.count); }
void describe(JsonFields& fields, Whole& whole) {
  fields.field("rate", whole.rate);
  fields.enumeration<Shade>("shade", whole.shade, kShades);
  fields.section("part", whole.part);
  fields.section("extra", whole.extra);
  fields.field("list", whole.list);
}

TEST(JsonFields, ReadsWhatItWritesAndKeepsDefaults) {
  const auto whole =
      from_json<Whole>(parse_json(R"({"shade":"light","extra":{"count":9},"list":[]})", "t"), "t");
  EXPECT_EQ(whole.rate, 0.5);
  EXPECT_EQ(whole.shade, Shade::kLight);
  EXPECT_EQ(whole.extra->count, 9);
  EXPECT_TRUE(whole.list.empty());
  EXPECT_EQ(to_json(whole).dump(),
            R"({"rate":0.5,"shade":"light","part":{"count":3},"extra":{"count":9},"list":[]})");
  EXPECT_EQ(to_json(from_json<Whole>(to_json(whole), "t")).dump(), to_json(whole).dump());
}

TEST(JsonFields, SuggestsTheKeyThatWasMeant) {
  EXPECT_GOLF_ERROR(from_json<Whole>(parse_json(R"({"rat": 1})", "t"), "c.json"), ErrorCode::kInvalidArgument,
                    "c.json: unknown key \"rat\": did you mean \"rate\"?");
  EXPECT_GOLF_ERROR(from_json<Whole>(parse_json(R"({"part": {"coutn": 1}})", "t"), "c.json"),
                    ErrorCode::kInvalidArgument,
                    "c.json.part: unknown key \"coutn\": did you mean \"count\"?");
  EXPECT_GOLF_ERROR(from_json<Whole>(parse_json(R"({"shade": "red"})", "t"), "c.json"),
                    ErrorCode::kInvalidArgument, "c.json.shade: \"red\" is not one of: dark, light");
  EXPECT_GOLF_ERROR(from_json<Whole>(parse_json(R"({"shade": "r\u001b\u007f"})", "t"), "c.json"),
                    ErrorCode::kInvalidArgument, R"("r\x1b\x7f" is not one of)");
  EXPECT_GOLF_ERROR(from_json<Whole>(parse_json(R"({"rate": "x"})", "t"), "c.json"),
                    ErrorCode::kInvalidArgument, "c.json.rate: JSON value is not a number");
}

}  // namespace
}  // namespace golf
