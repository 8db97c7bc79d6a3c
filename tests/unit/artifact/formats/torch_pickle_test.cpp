#include <gtest/gtest.h>

#include "golf/artifact/base/limits.h"
#include "golf/artifact/formats/torch/torch_file.h"
#include "support/error_matchers.h"
#include "torch_files.h"

namespace golf {
namespace {

using test::dict_of;
using test::global;
using test::number;
using test::text;
using test::torch_file;

/// The member "t" of the dict that a pickle body makes.
TorchValue read(const std::string& body) {
  const TorchValue root = parse_torch_file(torch_file(dict_of(body)), "f.pt");
  return *root.find("t");
}

template <class T>
TorchValue plain(T value) {
  TorchValue result;
  result.value = std::move(value);
  return result;
}

std::string repeated(const std::string& part, uint64_t count) {
  std::string all;
  for (uint64_t i = 0; i < count; ++i) all += part;
  return all;
}

void expect_refused(const std::string& body, const std::string& part,
                    ErrorCode code = ErrorCode::kCorruptData) {
  EXPECT_GOLF_ERROR(parse_torch_file(torch_file(body), "f.pt"), code, part);
}

TEST(TorchPickle, ReadsScalars) {
  EXPECT_EQ(read("N"), TorchValue());
  EXPECT_EQ(read("\x88"), plain(true));
  EXPECT_EQ(read("\x89"), plain(false));
  EXPECT_EQ(read("K\xff"), plain(int64_t{255}));
  EXPECT_EQ(read("M\xff\xff"), plain(int64_t{65'535}));
  EXPECT_EQ(read("J\xff\xff\xff\xff"), plain(int64_t{-1}));
  EXPECT_EQ(read(std::string("\x8a\0", 2)), plain(int64_t{0}));
  EXPECT_EQ(read("\x8a\x01\x80"), plain(int64_t{-128}));
  EXPECT_EQ(read(number(INT64_MIN)), plain(int64_t{INT64_MIN}));
  EXPECT_EQ(read(std::string("G\x3f\xf8\0\0\0\0\0\0", 9)), plain(1.5));
  EXPECT_EQ(read(text("Größe")), plain(std::string("Größe")));
  EXPECT_EQ(read("\x8c\x02"
                 "ab"),
            plain(std::string("ab")));
  EXPECT_EQ(read(std::string("\x8d\x02\0\0\0\0\0\0\0ab", 11)), plain(std::string("ab")));
  EXPECT_EQ(read("C\x02"
                 "ab"),
            plain(Bytes{std::byte{'a'}, std::byte{'b'}}));
  EXPECT_EQ(read(std::string("B\x01\0\0\0a", 6)), plain(Bytes{std::byte{'a'}}));
  EXPECT_EQ(read(global("torch", "bfloat16")), plain(TorchValue::DTypeName{"bfloat16"}));
}

TEST(TorchPickle, ReadsContainers) {
  const TorchValue one = plain(int64_t{1});
  const TorchValue two = plain(int64_t{2});
  EXPECT_EQ(read("]"), plain(TorchValue::List{}));
  EXPECT_EQ(read("]K\x01"
                 "a"),
            plain(TorchValue::List{one}));
  EXPECT_EQ(read("](K\x01K\x02"
                 "e"),
            plain(TorchValue::List{one, two}));
  TorchValue tuple = plain(TorchValue::List{one, two});
  tuple.is_tuple = true;
  EXPECT_EQ(read("K\x01K\x02\x86"), tuple);
  EXPECT_EQ(read("(K\x01K\x02t"), tuple);
  EXPECT_EQ(read(global("torch", "Size") + "K\x01K\x02\x86\x85R"), tuple);
  EXPECT_EQ(read("}(K\x01K\x02u"), plain(TorchValue::Dict{{one, two}}));
  TorchValue ordered = plain(TorchValue::Dict{{one, two}});
  ordered.is_ordered_dict = true;
  const std::string ordered_dict = global("collections", "OrderedDict") + ")RK\x01K\x02s";
  EXPECT_EQ(read(ordered_dict), ordered);
  // A module's state dict carries _metadata as an attribute.
  EXPECT_EQ(read(ordered_dict + "}" + text("_metadata") + "}sb"), ordered);
}

TEST(TorchPickle, SharesThroughTheMemo) {
  // The list is memoised while empty and filled later.
  const TorchValue list = plain(TorchValue::List{plain(int64_t{7})});
  EXPECT_EQ(read("]q\x05"
                 "h\x05K\x07"
                 "a\x86")
                .value,
            plain(TorchValue::List{list, list}).value);
}

TEST(TorchPickle, ReadsProtocolFour) {
  const std::string body = std::string("\x80\x04\x95\x10\0\0\0\0\0\0\0", 11) +
                           "}\x94\x8c\x01t\x94\x8c\x05torch\x94\x8c\x07"
                           "float32\x94\x93\x94s.";
  const TorchValue root = parse_torch_file(test::make_zip(test::torch_entries(body)), "f.pt");
  EXPECT_EQ(*root.find("t"), plain(TorchValue::DTypeName{"float32"}));
}

TEST(TorchPickle, RefusesEveryOtherGlobalByName) {
  expect_refused(dict_of(global("os", "system") + text("echo harm") + "\x85R"),
                 "global \"os.system\" is not allowed", ErrorCode::kUnsupported);
  for (const auto& [module, name] :
       std::vector<std::pair<std::string, std::string>>{{"builtins", "eval"},
                                                        {"posix", "system"},
                                                        {"torch", "load"},
                                                        {"torch", "FloatStorage2"},
                                                        {"torch.", "FloatStorage"},
                                                        {"torch", "storage.FloatStorage"},
                                                        {"torch._utils", "_rebuild_tensor_v2.__globals__"},
                                                        {"torch._utils.x", "_rebuild_tensor_v2"},
                                                        {"torch._utils", "_rebuild_tensor"},
                                                        {"collections", "OrderedDict.fromkeys"},
                                                        {"collections", "defaultdict"},
                                                        {"", ""}}) {
    expect_refused(dict_of(global(module, name)), "\"" + module + "." + name + "\" is not allowed",
                   ErrorCode::kUnsupported);
    const std::string stack_global = text(module) + text(name) + "\x93";
    expect_refused(dict_of(stack_global), "is not allowed", ErrorCode::kUnsupported);
  }
}

TEST(TorchPickle, RefusesOpcodesThatTorchDoesNotWrite) {
  for (const char opcode :
       {'0',    '1',    '2',    'I',    'F',    'L',    'S',    'V',    'T',    'U',    'P',
        'l',    'd',    'p',    'g',    'i',    'o',    '\x81', '\x82', '\x83', '\x84', '\x8b',
        '\x8f', '\x90', '\x91', '\x92', '\x96', '\x97', '\x98', '\0',   '\xff'}) {
    expect_refused(std::string(1, opcode) + "0000\n0000\n", "is not allowed", ErrorCode::kUnsupported);
  }
}

TEST(TorchPickle, RefusesTruncationAndRest) {
  const std::string whole = "\x80\x02" + dict_of("](K\x01" + text("abc") + "e") + ".";
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_GOLF_ERROR(parse_torch_file(test::make_zip(test::torch_entries(whole.substr(0, size))), "f.pt"),
                      ErrorCode::kCorruptData, "f.pt: data.pkl: ");
  }
  expect_refused("}.}", "2 bytes left over");
  expect_refused("}}", "values left on the stack");
  expect_refused("}(", "pickle stack is empty");
}

TEST(TorchPickle, RefusesOtherProtocols) {
  for (const std::string& start :
       {std::string("\x80\x01"), std::string("\x80\x06"), std::string("\x80\0", 2)}) {
    EXPECT_GOLF_ERROR(parse_torch_file(test::make_zip(test::torch_entries(start + "}.")), "f.pt"),
                      ErrorCode::kCorruptData, "2 to 5 are read");
  }
  EXPECT_GOLF_ERROR(parse_torch_file(test::make_zip(test::torch_entries("}.")), "f.pt"),
                    ErrorCode::kCorruptData, "not a pickle of protocol 2");
}

TEST(TorchPickle, RefusesMisuseOfTheStack) {
  expect_refused("", "stack is empty");
  expect_refused(
      "K\x01"
      "a",
      "stack is empty");
  expect_refused("}t", "no mark");
  expect_refused("](s", "stack is empty");
  expect_refused("]K\x01K\x02s", "item assignment on a list");
  expect_refused("K\x01K\x02K\x03s", "item assignment on an integer");
  expect_refused(
      "}K\x01"
      "a",
      "append on a dict");
  expect_refused("}(K\x01u", "a key without a value");
  expect_refused("}}b", "attribute assignment on a dict");
  expect_refused(global("collections", "OrderedDict") +
                     ")RK\x01"
                     "b",
                 "a dict expected, an integer found");
  expect_refused("h\x03", "memo entry 3 was never made");
  expect_refused("}r\xff\xff\xff\xff", "memo entry 4294967295, at most");
  expect_refused("K\x01)R", "a global expected");
  expect_refused(global("torch", "float32") + ")R", "not a function");
  expect_refused(global("collections", "OrderedDict") + "K\x01\x85R", "OrderedDict with arguments");
  expect_refused(text("0") + "Q", "a tuple expected");
  expect_refused("\x93", "stack is empty");
}

TEST(TorchPickle, RefusesOversizedParts) {
  expect_refused(std::string("X\xff\xff\xff\xff", 5), "string of 4294967295 bytes, at most 1048576 allowed");
  expect_refused(std::string("X\x10\0\0\0ab", 7), "truncated");
  expect_refused(
      "\x8a\x09"
      "123456789",
      "integer over 64 bits");
  expect_refused("c" + std::string(300, 'a'), "too long");
  expect_refused(std::string("\x95\xff\xff\xff\xff\xff\xff\xff\xff", 9), "frame runs over");
  expect_refused("X\x01" + std::string(3, '\0') + "\xff", "not valid UTF-8");
  expect_refused("]" + repeated("Na", limits::kPickleOpcodes / 2), "more than 4194304 opcodes");
}

// A few bytes make a value, so what a pickle builds is counted as it goes.
TEST(TorchPickle, RefusesMoreValuesThanTorchWrites) {
  const auto batches = [](const std::string& value) {
    return "]" + repeated("(" + repeated(value, 1000) + "e", 1100);
  };
  expect_refused(batches("\x8c\x01x"), "more than 1048576 strings");
  expect_refused(batches("]"), "more than 1048576 containers");
  expect_refused(dict_of(batches("N")), "more than 1048576 values");
  expect_refused(repeated("N", limits::kPickleStack + 1), "more than 262144 values on the stack");
  expect_refused(repeated("(", limits::kPickleStack + 1), "too many marks");
}

TEST(TorchPickle, RefusesDeepNestingAndCycles) {
  const auto nested = [](size_t depth) { return std::string(depth, ']') + std::string(depth - 1, 'a'); };
  EXPECT_NO_THROW(read(nested(63)));  // the root is the 64th
  expect_refused(dict_of(nested(64)), "nested deeper than 64");
  expect_refused(dict_of("]q\x01h\x01"
                         "a"),
                 "a container holds itself");
  expect_refused("}q\x01" + text("t") + "h\x01s", "a container holds itself");
}

TEST(TorchPickle, RefusesSharedReferenceExplosions) {
  // Each list holds the one before it twice: 2^40 leaves from 240 bytes.
  std::string body =
      "]K\x01"
      "a";
  for (char i = 0; i < 40; ++i) {
    const std::string slot(1, i);
    body += "q" + slot + "](h" + slot + "h" + slot + "e";
  }
  // The lists stay on the stack; a tuple takes them all.
  expect_refused("}(" + text("t") + "(" + body + "tu", "more than 1048576 values");
  // One string of 1 MB, 400 times.
  std::string strings = "(" + text(std::string(1'000'000, 'x')) + "q\x01";
  for (int i = 0; i < 400; ++i) strings += "h\x01";
  expect_refused(dict_of(strings + "t"), "expand to more than");
}

TEST(TorchPickle, RefusesAwkwardKeys) {
  expect_refused("}(" + text("a") + "N" + text("a") + "Nu", "key \"a\" appears twice");
  expect_refused("}(K\x01NK\x01Nu", "key 1 appears twice");
  expect_refused("})Ns", "a tuple as a key", ErrorCode::kUnsupported);
}

TEST(TorchPickle, RefusesARootThatIsNoDict) {
  expect_refused("]", "the root is a list, a dict is expected", ErrorCode::kUnsupported);
  expect_refused("K\x01", "the root is an integer", ErrorCode::kUnsupported);
}

TEST(TorchPickle, RefusesGlobalsAsValues) {
  expect_refused(dict_of(global("torch", "FloatStorage")), "a global is not a plain value",
                 ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace golf
