// The emitted Python is the readable one made small; tests/cli/emit_decoder_numpy.sh runs it.
#include "encode/golf/python_source.h"

#include <gtest/gtest.h>

namespace golf {
namespace {

constexpr std::string_view kSource = R"(# A comment.
import zlib


def count_(limit_, step = 1):
    total_ = 0  
    #if loud
    print("a # b  c")
    #if louder
    print(1)
    #end
    #end
    for i_ in range(limit_):
        total_ += i_ if i_ & 1 else -step
        last_ = i_
    return total_
)";

TEST(PythonSource, IsMadeSmall) {
  EXPECT_EQ(shrink_python(kSource, {}),
            "import zlib\n"
            "def d(c,step=1):\n"
            " b=0\n"
            " for a in range(c):b+=a if a&1 else-step;e=a\n"
            " return b\n");
}

TEST(PythonSource, KeepsTheWantedPartsAndTheirStrings) {
  const std::string loud = shrink_python(kSource, {"loud"});
  EXPECT_NE(loud.find(" b=0;print(\"a # b  c\")\n"), std::string::npos) << loud;
  EXPECT_EQ(loud.find("print(1)"), std::string::npos);
  EXPECT_EQ(shrink_python(kSource, {"louder"}), shrink_python(kSource, {}))
      << "a part inside an unwanted one";
  EXPECT_NE(shrink_python(kSource, {"loud", "louder"}).find("print(1)"), std::string::npos);
}

TEST(PythonSource, ShortNamesAvoidThoseInUse) { EXPECT_EQ(shrink_python("a = b + value_\n", {}), "a=b+c\n"); }

TEST(PythonSource, IsCarriedAlongInBase85) {
  // Python's base64.b85encode(zlib.compress(..., 9)); with them last groups of all four lengths.
  const auto packed = [](std::string_view digits) {
    return "import zlib,base64\nexec(zlib.decompress(base64.b85decode(\"" + std::string(digits) + "\")))\n";
  };
  EXPECT_EQ(pack_python("a"), packed("c-l(@003eDVg"));
  EXPECT_EQ(pack_python("ah"), packed("c-l+M0003j0Ll"));
  EXPECT_EQ(pack_python("aho"), packed("c-l+M$OixdWdS("));
  EXPECT_EQ(pack_python("ahov"), packed("c-l+M$S(r`1QY?U"));
}

TEST(PythonSource, HasTheWholeTemplate) {
  const auto bytes = [](const std::set<std::string_view>& parts) {
    return shrink_python(kPythonTemplate, parts).size();
  };
  EXPECT_LT(bytes({}), bytes({"bf16"}));
  EXPECT_LT(bytes({}), bytes({"prediction"}));
  EXPECT_LT(bytes({"prediction"}), bytes({"prediction", "search"}));
  const auto lines = [](std::string_view text, std::string_view start) {
    size_t count = 0;
    for (size_t at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(lines(kPythonTemplate, "#if "), lines(kPythonTemplate, "#end"));
}

}  // namespace
}  // namespace golf
