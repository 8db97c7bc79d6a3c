#include "golf/artifact/submission/submission_script.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "made_submission.h"
#include "submission/python_text.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

std::vector<std::string> modules_of(const std::string& text) {
  std::vector<std::string> modules;
  for (const ScriptPlace& place : read_submission_script(text, "x.py").imports) modules.push_back(place.text);
  return modules;
}

TEST(SubmissionScript, ListsWhatIsImported) {
  EXPECT_EQ(
      modules_of("import numpy.linalg as la, torch\nfrom .near import x\nif 1:\n  import os; import sys\n"),
      (std::vector<std::string>{"numpy", "torch", ".near", "os", "sys"}));
  EXPECT_TRUE(modules_of("# import a\n\"\"\"\nimport b\n\"\"\"\nx = 'import c'\nimporting = 1\n").empty());
}

TEST(SubmissionScript, SeesWhichLinesRunFiles) {
  const SubmissionScript script = read_submission_script(
      "model.exec(open('a'))\nexec(open('b').read())\nexec(code)\nrunpy.run_path('c')\n# exec(open('d'))\n",
      "x.py");
  ASSERT_EQ(script.runs_files.size(), 2U);
  EXPECT_EQ(script.runs_files[0].line, 2);
  EXPECT_EQ(script.runs_files[1].line, 4);
}

// Of the source below, made with Python's lzma: FORMAT_RAW with FILTER_LZMA2, and FORMAT_ALONE. Nothing here
// writes those two forms.
constexpr const char* kRawLzma =
    R"b85(-~m$r&RqaBn@VT6Qap3}0xNG=10W4u`QA4rK`cR1ir#L5C(w7$cOlWH^LM2QDckrZnG9TZDD9n@C~342j$8g!w(39C)b85"
    R"b85(9-9?`H}@nx99oLJqD^<c3%G&bi1;+E!#eTTGngCl_YR*+<w_pXYecaG<JydQM!a9@2uzj%IIZ*q|0n2|H`<)_BgD~H)b85"
    R"b85(Z`G!HQp(xIXg~G8*9%QLw*Zyu3@HN2h{N%TKs2idw}IU#7slJnJs|H07L&tBo69}9jU<|6F%BCb3y<qTmNCA?2><)b85";
constexpr const char* kLzmaAlone =
    R"b85(T>t=p0RR90|NsC0{{S?bN@uuIJahX3D{oi>APrsl-Zv#dEJ0F=-fn^?(09;xA<?Gucclp_+xR7!3|w|7?VXt@X|xfJ)b85"
    R"b85(TmDtH>Oa*Un-zgK_ar?WT8g})O?SQvxPjk@_%yA<I`P*tm>cr<4xdZqN*>Z{M6m?p+KhQdykF`FOqKySt@H%{C+L?q)b85"
    R"b85(+MM+x#L-u8)uwt<%Gt$eKlQ)Y3r#w=0F~+tDFVuf!|{ngG^+=<f!!z<#@oz2Anynklfy`x%RRY`B${L~4jUi~kLy8})b85"
    R"b85(GM2&Ega3n{hd=)b85";

std::string numbered_source() {
  std::string text = "import torch\n";
  uint32_t state = 1;
  for (int i = 0; i < 20; ++i) text += fmt::format("v{} = {}\n", i, state = state * 1664525 + 1013904223);
  return text;
}

TEST(SubmissionScript, UnpacksLzmaWithoutAContainer) {
  for (const std::string& text :
       {test::wrapped("lzma", kRawLzma, ",format=C.FORMAT_RAW,filters=[{\"id\":C.FILTER_LZMA2}]"),
        test::wrapped("lzma", kLzmaAlone)}) {
    const SubmissionScript script = read_submission_script(text, "x.py");
    ASSERT_TRUE(script.wrapper) << text;
    EXPECT_EQ(script.wrapper->problem, "");
    EXPECT_EQ(script.source, numbered_source());
    EXPECT_EQ(script.wrapper->unpacked_bytes, script.source.size());
  }
}

// Of the same source: Python's base64.a85encode(zlib.compress(…)). It has quotes and backslashes.
constexpr const char* kAscii85 =
    R"a85(GhOI)3Gnpb$j?0I`BJkI&bn4UUqg)"&E`q/N^AoR@e'-gGJ?AokC,XeCX_rt0sQ()>-6%JHNfO9jP#2h3'9c(0iujsP31ia)a85"
    R"a85(CYP7)Q&<`<r`r<W(;kGl>U@&f\ophRX,8okf.PRZS5"P.9S%@S$ZQ+!V+7rtn9jkcN>aa[cc=?h\t+`*3.d/M8b=_'0W;lg)a85"
    R"a85(7tJ_.KEV@@7cR$/j*ts<`)u#R2RadJBM'em6t6kM<(_Q+pA,$Q.Rs=)a85";

TEST(SubmissionScript, UnpacksAscii85WhateverItsQuotes) {
  std::string escaped;
  for (const char c : std::string_view(kAscii85)) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  const size_t middle = escaped.find_first_of("abc", 100);
  for (const std::string& literal :
       {fmt::format("\"{}\"", escaped), fmt::format("r\"\"\"{}\"\"\"", kAscii85),
        fmt::format("\"\"\"{}\\\n{}\"\"\"", escaped.substr(0, middle), escaped.substr(middle))}) {
    const SubmissionScript script = read_submission_script(
        fmt::format("import zlib,base64\nexec(zlib.decompress(base64.a85decode({})))\n", literal), "x.py");
    ASSERT_TRUE(script.wrapper) << literal;
    EXPECT_EQ(script.wrapper->problem, "");
    EXPECT_EQ(script.wrapper->how, "ascii85, zlib");
    EXPECT_EQ(script.source, numbered_source());
  }
}

TEST(SubmissionScript, JoinsAdjacentLiterals) {
  const PythonText python = read_python("x = ('ab'\n     b'cd')\ny = 'e'\n");
  ASSERT_EQ(python.literals.size(), 2U);
  EXPECT_EQ(python.literals[0].text, "abcd");
  EXPECT_EQ(python.literals[1].line, 3);
}

TEST(SubmissionScript, IsNoWrapperForWritingOne) {
  const SubmissionScript script = read_submission_script(
      "import lzma, base64\nw = b'exec(L.decompress(B.b85decode(\"' + data + b'\")))'\nprint(w)\n", "x.py");
  EXPECT_FALSE(script.wrapper);
}

TEST(SubmissionScript, UnpacksNoMoreThanTheFoldersLimitLeaves) {
  const std::string text = test::wrapped("lzma", kLzmaAlone);
  uint64_t room = numbered_source().size() + 10;
  EXPECT_EQ(read_submission_script(text, "x.py", room).source, numbered_source());
  EXPECT_EQ(room, 10U);
  for (const char* problem : {"over the 10 bytes", "before it"}) {
    const SubmissionScript script = read_submission_script(text, "x.py", room);
    EXPECT_EQ(script.source, text);
    ASSERT_TRUE(script.wrapper);
    EXPECT_NE(script.wrapper->problem.find(problem), std::string::npos) << script.wrapper->problem;
    room = 0;
  }
}

TEST(SubmissionScript, RefusesBombs) {
  // Brotli's and zlib's own limits are the codecs' tests; here: the source stays what the file has.
  const std::string text = test::wrapped("zlib", std::string(400, '~'));
  const SubmissionScript script = read_submission_script(text, "x.py");
  ASSERT_TRUE(script.wrapper);
  EXPECT_FALSE(script.wrapper->problem.empty());
  EXPECT_EQ(script.source, text);
}

TEST(TextCodes, ArePythons) {
  for (const std::string text : {"", "a", "ab", "abc", "abcd", "abcde", "\xff\xff\xff\xff\x01"}) {
    EXPECT_EQ(as_text(decode_base85(test::base85(text))), text);
  }
  EXPECT_GOLF_ERROR(decode_base85("0"), ErrorCode::kCorruptData, "base");
  EXPECT_GOLF_ERROR(decode_base85("~~~~~"), ErrorCode::kCorruptData, "base");
  EXPECT_GOLF_ERROR(decode_base85("a\"bcd"), ErrorCode::kCorruptData, "base");
  EXPECT_EQ(as_text(decode_ascii85("<~87cUR\nD]i,\"Ebo7~>")), "Hello World");
  EXPECT_EQ(as_text(decode_ascii85("z5l")), std::string("\0\0\0\0A", 5));
  EXPECT_EQ(as_text(decode_ascii85("")), "");
  EXPECT_GOLF_ERROR(decode_ascii85("s8W-\""), ErrorCode::kCorruptData, "ascii85");
  EXPECT_GOLF_ERROR(decode_ascii85("uuuuu"), ErrorCode::kCorruptData, "ascii85");
  EXPECT_GOLF_ERROR(decode_ascii85("ab~cd"), ErrorCode::kCorruptData, "ascii85");
  EXPECT_EQ(as_text(decode_base64("aGVs\nbG8=")), "hello");
  EXPECT_GOLF_ERROR(decode_base64("*"), ErrorCode::kCorruptData, "base");
}

}  // namespace
}  // namespace golf
