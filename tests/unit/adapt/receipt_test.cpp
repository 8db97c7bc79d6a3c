#include "golf/adapt/receipt.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/error.h"
#include "support/error_matchers.h"

namespace golf::test {
namespace {

constexpr const char* kHeader =
    R"({"schema":"golf.adapt.receipt/1","about":{},"adapt":{},"targets":100,"vocab_size":8,)"
    R"("to_score":[[0,100]],"documents":[],"post_processors":[]})";
constexpr const char* kTotals =
    R"({"totals":{"tokens":0,"bytes":0,"loss_nats":0,"val_loss":0,"val_bpb":0,"chunks":0,"updates":0}})";

Receipt parse(const std::string& text) { return parse_receipt(as_bytes(text), "receipt.jsonl"); }

std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Receipt, IsReadLineByLine) {
  const Receipt receipt =
      parse(std::string(kHeader) + "\n" + R"({"scored":[[0,100,310,512.25]],"chunk":0,"after_update":0})" +
            "\n" + R"({"update":1,"chunk":0,"what":"weights","saw":[[0,64]]})" + "\n" + kTotals + "\n");
  ASSERT_EQ(receipt.events.size(), 2U);
  EXPECT_EQ(std::get<ScoreEvent>(receipt.events[0]), (ScoreEvent{0, 0, {{0, 100, 310, 512.25}}}));
  EXPECT_EQ(std::get<UpdateEvent>(receipt.events[1]), (UpdateEvent{1, 0, "weights", {{0, 64}}}));
}

TEST(Receipt, SaysWhatIsWrongWithAFile) {
  const std::string header = std::string(kHeader) + "\n", totals = std::string(kTotals) + "\n";
  const std::pair<std::string, const char*> cases[] = {
      {"", "ends without totals"},
      {header, "ends without totals"},
      {header + kTotals, "line 2: is cut off"},
      {header + totals + totals, "line 3: stands after the totals"},
      {totals, "line 1: has no \"schema\""},
      {R"({"schema":"golf.adapt.receipt/9"})"
       "\n",
       "this version reads golf.adapt.receipt/1"},
      {header + "[]\n", "line 2: is no JSON object"},
      {header + "{\n", "line 2"},
      {header + R"({"scored":[[0,101,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "101 targets from 0 on"},
      {header + R"({"scored":[[100,1,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "1 targets from 100 on"},
      {header + R"({"scored":[[9223372036854775807,9223372036854775807,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "are not among the text's 100"},
      {header + R"({"scored":[[0,0,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "0 targets from 0 on"},
      {header + R"({"scored":[[-1,1,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "is below 0"},
      {header + R"({"scored":[[0,1.5,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "is not a whole number"},
      {header + R"({"scored":[[0,1,1]],"chunk":0,"after_update":0})"
                "\n",
       "lists of 4 numbers"},
      {header + R"({"scored":[[0,1,1,null]],"chunk":0,"after_update":0})"
                "\n",
       "is not a number"},
      {header + R"({"scored":7,"chunk":0,"after_update":0})"
                "\n",
       "\"scored\" is no array"},
      {header + R"({"scored":[],"after_update":0})"
                "\n",
       "has no \"chunk\""},
      {header + R"({"update":1,"chunk":0,"what":"weights","saw":[[0,1,2]]})"
                "\n",
       "lists of 2 numbers"},
      {header + R"({"update":1,"chunk":0,"what":7,"saw":[]})"
                "\n",
       "\"what\" is no text"},
      {header + "{}\n", "has no \"totals\""},
      {header + R"({"totals":{"tokens":1}})"
                "\n",
       "line 2: has no"},
  };
  for (const auto& [text, problem] : cases) {
    const std::string message = refusal(text);
    EXPECT_NE(message.find(problem), std::string::npos) << text << "\n" << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with("receipt.jsonl")) << message;
  }
}

TEST(Receipt, RefusesHeadersThatDoNotAscend) {
  const auto with = [](const std::string& to_score, const std::string& documents) {
    return R"({"schema":"golf.adapt.receipt/1","about":{},"adapt":{},"targets":100,"vocab_size":8,"to_score":)" +
           to_score + R"(,"documents":)" + documents + R"(,"post_processors":[]})" + "\n";
  };
  EXPECT_NE(refusal(with("[[0,50],[49,51]]", "[]")).find("\"to_score\" does not ascend"), std::string::npos);
  EXPECT_NE(refusal(with("[[0,100]]", "[0,5,5]")).find("\"documents\" does not ascend"), std::string::npos);
  EXPECT_NE(refusal(with("[[0,100]]", "[101]")).find("\"documents\" does not ascend"), std::string::npos);
}

}  // namespace
}  // namespace golf::test
