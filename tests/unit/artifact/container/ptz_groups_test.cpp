// Blobs of groups (PR 1855): listed without lrzip, put together with it. A script stands for the program, so
// that every machine runs these tests; where the real one is installed it is asked too.
#include "container/ptz_groups.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <functional>
#include <utility>

#include "container/grouped_blob.h"
#include "container_models.h"
#include "golf/artifact/base/external_program.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/torch/torch_file.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;
using List = TorchValue::List;

TorchValue text(const std::string& value) { return {.value = value}; }
TorchValue& at(Dict& dict, const std::string& key) {
  for (auto& [name, value] : dict) {
    if (std::get<std::string>(name.value) == key) return value;
  }
  throw std::out_of_range(key);
}

Bytes blob(const std::vector<Bytes>& streams) {
  ByteWriter writer;
  writer.write_bytes(as_bytes("PGRP"));
  writer.write<uint32_t>(static_cast<uint32_t>(streams.size()));
  for (const Bytes& stream : streams) writer.write<uint32_t>(static_cast<uint32_t>(stream.size()));
  for (const Bytes& stream : streams) writer.write_bytes(stream);
  return writer.take();
}

Bytes brotli(ByteView raw) { return encode(parse_codec("brotli:5"), raw); }

/// What the script that stands for lrzip decodes: an lrzip stream's header, then the bytes as they are.
Bytes stored_lrzip(ByteView raw) {
  ByteWriter writer;
  writer.write_bytes(as_bytes("LRZI"));
  writer.write<uint16_t>(0x0600);
  writer.write<uint64_t>(raw.size());
  writer.write_bytes(raw);
  return writer.take();
}

/// A folder with nothing but such a script on PATH, for as long as this lives.
class ScriptForLrzip {
 public:
  ScriptForLrzip() : path_(std::getenv("PATH")) {
    write_file_atomic(dir_.file("lrzip"), as_bytes("#!/bin/sh\nexec /usr/bin/tail -c +15\n"));
    ::chmod(dir_.file("lrzip").c_str(), 0755);
    ::setenv("PATH", dir_.path().c_str(), 1);
  }
  ~ScriptForLrzip() { ::setenv("PATH", path_.c_str(), 1); }
  ScriptForLrzip(const ScriptForLrzip&) = delete;
  ScriptForLrzip& operator=(const ScriptForLrzip&) = delete;

 private:
  test::TempDir dir_;
  std::string path_;
};

Artifact plain_artifact() {
  QuantRecipe recipe = load_recipe("pr993");
  recipe.keep_float_max = 100;
  Artifact artifact;
  artifact.info = {.format = ArtifactFormat::kPtz, .codec = parse_codec("store"), .ptz_layout = "wm_scale"};
  artifact.model = quantize(test::random_weights(test::small_config()), recipe, {});
  return artifact;
}

/// The parts of a blob before they are put in streams.
struct Parts {
  std::vector<Bytes> groups = std::vector<Bytes>(7);
  Dict rest, kinds, shapes;
  Bytes orders;
};

struct Group {
  std::string manifest_key, key;
  bool reordered;
};
const std::vector<Group>& groups() {
  static const std::vector<Group> all = {{"_tok_emb.weight.q", "tok_emb.weight.q", true},
                                         {"attn.c_k.weight.q", "blocks.*.attn.c_k.weight.q", false},
                                         {"attn.c_q.weight.q", "blocks.*.attn.c_q.weight.q", true},
                                         {"attn.c_v.weight.q", "blocks.*.attn.c_v.weight.q", false},
                                         {"attn.proj.weight.q", "blocks.*.attn.proj.weight.q", false},
                                         {"mlp.fc.weight.q", "blocks.*.mlp.fc.weight.q", true},
                                         {"mlp.proj.weight.q", "blocks.*.mlp.proj.weight.q", false}};
  return all;
}

/// The plain artifact's dictionary, its matrices in groups: rows last to first where they are reordered.
Parts take_apart() {
  TorchValue root = parse_torch_file(encode_artifact(plain_artifact()), "t");
  Dict& weights = std::get<Dict>(at(std::get<Dict>(root.value), "w").value);
  Parts parts;
  parts.kinds = std::get<Dict>(at(std::get<Dict>(root.value), "m").value);
  ByteWriter orders;
  for (size_t g = 0; g < groups().size(); ++g) {
    const Group& group = groups()[g];
    ByteWriter raw;
    List shapes;
    const size_t star = group.key.find('*');
    for (int layer = 0; layer < (star == std::string::npos ? 1 : 2); ++layer) {
      std::string key = group.key;
      if (star != std::string::npos) key.replace(star, 1, std::to_string(layer));
      const Tensor tensor = std::get<Tensor>(at(weights, key).value);
      const int64_t rows = tensor.shape[0];
      const int64_t columns = tensor.shape[1];
      for (int64_t column = 0; column < columns; ++column) {
        for (int64_t k = 0; k < rows; ++k) {
          const int64_t row = group.reordered ? rows - 1 - k : k;
          raw.write(tensor.values<int8_t>()[static_cast<size_t>(row * columns + column)]);
        }
      }
      for (int64_t k = 0; group.reordered && k < rows; ++k) orders.write(static_cast<uint16_t>(rows - 1 - k));
      shapes.push_back({.value = List{{.value = rows}, {.value = columns}}});
      std::erase_if(weights,
                    [&](const auto& member) { return std::get<std::string>(member.first.value) == key; });
    }
    parts.groups[g] = raw.take();
    parts.shapes.emplace_back(text(group.manifest_key), TorchValue{.value = std::move(shapes)});
  }
  parts.rest = std::move(weights);
  parts.orders = orders.take();
  return parts;
}

using Compress = std::function<Bytes(ByteView)>;

Bytes put_together(const Parts& parts, const Compress& compress = stored_lrzip) {
  std::vector<Bytes> streams;
  for (const Bytes& group : parts.groups) streams.push_back(group.empty() ? Bytes() : compress(group));
  Dict root;
  root.emplace_back(text("r"), TorchValue{.value = parts.rest});
  root.emplace_back(text("m"), TorchValue{.value = parts.kinds});
  root.emplace_back(text("s"), TorchValue{.value = parts.shapes});
  streams.push_back(brotli(encode_torch_file({.value = std::move(root)})));
  streams.push_back(parts.orders.empty() ? Bytes() : brotli(parts.orders));
  return blob(streams);
}

TEST(PtzGroups, ArePutTogetherAgain) {
  const ScriptForLrzip lrzip;
  const Artifact decoded = decode_artifact(put_together(take_apart()), "m.ptz");
  test::expect_same_model(decoded.model, plain_artifact().model);
}

TEST(PtzGroups, AreListedWithExactStreamsAndWithoutLrzip) {
  const Bytes bytes = put_together(take_apart());
  EXPECT_TRUE(is_artifact(identify(bytes)));
  const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
  EXPECT_EQ(summary.sizes.sum(), bytes.size());
  EXPECT_EQ(summary.info.ptz_layout, "pgrp_v1");
  const Artifact plain = plain_artifact();
  ASSERT_EQ(summary.tensors.size(), plain.model.tensors.size());
  uint64_t keys = 0;
  for (const SizeRow& row : summary.sizes.rows) {
    if (row.tensor == "tok_emb.weight" && row.part == BytePart::kPayload) {
      EXPECT_EQ(row.bytes, 96U * 32 + 14) << "alone in its stream";
      EXPECT_FALSE(row.apportioned);
      EXPECT_EQ(row.scheme, "int8");
    }
    if (row.tensor.ends_with("attn.c_k.weight") && row.part == BytePart::kPayload) {
      keys += row.bytes;
      EXPECT_TRUE(row.apportioned);
      EXPECT_EQ(row.scheme, "int6");
    }
  }
  EXPECT_EQ(keys, 2U * 16 * 32 + 14) << "the two share a stream";
}

TEST(PtzGroups, ReadGatesOfInt8Rows) {
  Parts parts = take_apart();
  parts.rest.emplace_back(text("gate.gq"), TorchValue{.value = make_tensor(DType::kI8, {2, 3})});
  parts.rest.emplace_back(text("gate.gs"), TorchValue{.value = make_tensor(DType::kF16, {2})});
  parts.kinds.emplace_back(text("gate"), text("gate_int8_row"));
  const ScriptForLrzip lrzip;
  const Artifact decoded = decode_artifact(put_together(parts), "m.ptz");
  EXPECT_EQ(decoded.model.tensors.back().scheme(), "int8");
  EXPECT_EQ(decoded.model.tensors.back().values.shape, (Shape{2, 3}));
}

TEST(PtzGroups, ListTensorsWhoseKindsAreNotKnown) {
  Parts parts = take_apart();
  at(parts.kinds, "tok_emb.weight") = text("gptq (int7)+nuq");
  const Bytes bytes = put_together(parts);
  const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
  EXPECT_EQ(summary.info.ptz_layout, kUnknownPtzLayout);
  EXPECT_EQ(summary.sizes.sum(), bytes.size());
  EXPECT_EQ(summary.tensors.back().name, "blocks.1.mlp.proj.weight.q");
  const ScriptForLrzip lrzip;
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), ErrorCode::kUnsupported, "gptq (int7)+nuq");
}

TEST(PtzGroups, ListStreamsOfBlobsMadeInAnotherWay) {
  for (const std::vector<Bytes>& streams :
       {std::vector<Bytes>(3, brotli(as_bytes("x"))),
        std::vector<Bytes>(9, brotli(encode_torch_file({.value = Dict{}})))}) {
    const Bytes bytes = blob(streams);
    const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
    EXPECT_EQ(summary.info.ptz_layout, kUnknownPtzLayout);
    EXPECT_EQ(summary.sizes.sum(), bytes.size());
    ASSERT_EQ(summary.sizes.rows.size(), 1 + streams.size());
    EXPECT_EQ(summary.sizes.rows[3].bytes, streams[2].size());
    EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), ErrorCode::kUnsupported, "PR 1855");
  }
}

TEST(PtzGroups, RefuseDamagedBlobs) {
  const Bytes bytes = blob({brotli(as_bytes("first")), brotli(as_bytes("second"))});
  for (size_t length = 4; length < bytes.size(); ++length) {
    EXPECT_GOLF_ERROR(summarize_artifact(ByteView(bytes).first(length), "m.ptz"), ErrorCode::kCorruptData,
                      "m.ptz");
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(summarize_artifact(longer, "m.ptz"), ErrorCode::kCorruptData, "m.ptz");
  EXPECT_GOLF_ERROR(summarize_artifact(blob({}), "m.ptz"), ErrorCode::kCorruptData,
                    "0 streams, 1 to 64 expected");
}

TEST(PtzGroups, RefuseGroupsThatDoNotFitTheirShapes) {
  const ScriptForLrzip lrzip;
  const auto refused = [](const std::function<void(Parts&)>& damage, const std::string& part) {
    Parts parts = take_apart();
    damage(parts);
    EXPECT_GOLF_ERROR(decode_artifact(put_together(parts), "m.ptz"), ErrorCode::kCorruptData, part);
  };
  const auto shape_of = [](Parts& parts, const std::string& key) -> List& {
    return std::get<List>(std::get<List>(at(parts.shapes, key).value).at(0).value);
  };
  refused([](Parts& parts) { parts.groups[1].pop_back(); },
          "m.ptz: stream 1 (attn.c_k.weight.q): its matrices have 1024 bytes, 1023 found");
  refused([](Parts& parts) { parts.groups[3].push_back(std::byte{0}); }, "have 1024 bytes, 1025 found");
  refused([](Parts& parts) { parts.groups[1].clear(); }, "m.ptz: stream 1 (attn.c_k.weight.q)");
  refused([](Parts& parts) { parts.shapes.pop_back(); }, "s says nothing of stream 6");
  refused([](Parts& parts) { at(parts.shapes, "mlp.fc.weight.q") = text("x"); }, "a list of shapes expected");
  refused([&](Parts& parts) { shape_of(parts, "mlp.fc.weight.q")[0].value = int64_t{-64}; },
          "negative dimension");
  refused([&](Parts& parts) { shape_of(parts, "mlp.fc.weight.q")[0].value = int64_t{1} << 40; },
          "needs more than");
  refused([&](Parts& parts) { shape_of(parts, "mlp.proj.weight.q")[0].value = int64_t{1} << 24; },
          "at most 536870912 allowed");
  refused(
      [&](Parts& parts) {  // no bytes, but a long order
        shape_of(parts, "mlp.fc.weight.q")[0].value = int64_t{1} << 20;
        shape_of(parts, "mlp.fc.weight.q")[1].value = int64_t{0};
      },
      "at most 65536 can be reordered");
  refused(
      [&](Parts& parts) {
        at(parts.shapes, "attn.c_v.weight.q").value = List(70'000, TorchValue{.value = List{}});
      },
      "more than 65536 matrices");
  refused([](Parts& parts) { parts.orders[0] = std::byte{96}; }, "row 96 in an order of 96 rows");
  refused([](Parts& parts) { parts.orders[0] = std::byte{1}; }, "row 1 in an order of 96 rows");
  refused([](Parts& parts) { parts.orders.clear(); }, "m.ptz: stream 8");
  refused([](Parts& parts) { parts.orders.resize(parts.orders.size() - 2); }, "m.ptz: stream 8");
  refused([](Parts& parts) { parts.orders.push_back(std::byte{0}); }, "m.ptz: stream 8");
  refused([](Parts& parts) { parts.kinds.erase(parts.kinds.begin()); }, "nothing in m uses it");
}

TEST(PtzGroups, AskForTheProgramWhenItIsMissing) {
  const test::TempDir empty;
  const std::string path = std::getenv("PATH");
  const Bytes bytes = put_together(take_apart());
  ::setenv("PATH", empty.path().c_str(), 1);
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), ErrorCode::kUnsupported,
                    "m.ptz: stream 0 (_tok_emb.weight.q): needs the program lrzip, which is not installed: "
                    "install lrzip");
  EXPECT_NO_THROW(summarize_artifact(bytes, "m.ptz"));
  ::setenv("PATH", path.c_str(), 1);
}

TEST(PtzGroups, AgreeWithTheRealProgram) {
  const auto lrzip = [](ByteView raw, const char* method) {
    return run_filter({"lrzip", method, "-q"}, raw, 1'000'000, "lrzip", {"LRZIP=NOCONFIG"});
  };
  try {
    lrzip(Bytes(1000), "-l");
  } catch (const Error& error) {
    ASSERT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
    GTEST_SKIP() << "skipped: lrzip is not installed";
  }
  const Parts parts = take_apart();
  // ZPAQ (-z), which the entries use, takes a second whatever the size: once will do.
  bool first = true;
  const Compress compress = [&](ByteView raw) {
    return lrzip(raw, std::exchange(first, false) ? "-z" : "-l");
  };
  test::expect_same_model(decode_artifact(put_together(parts, compress), "m.ptz").model,
                          plain_artifact().model);
  const Compress damaged = [&](ByteView raw) {
    Bytes stream = lrzip(raw, "-l");
    stream.resize(stream.size() / 2);
    return stream;
  };
  EXPECT_GOLF_ERROR(decode_artifact(put_together(parts, damaged), "m.ptz"), ErrorCode::kCorruptData,
                    "m.ptz: stream 0 (_tok_emb.weight.q)");
}

TEST(ExternalProgram, FiltersItsInput) {
  const Bytes text(200'000, std::byte{'a'});
  EXPECT_EQ(run_filter({"cat"}, text, text.size(), "t"), text);
  EXPECT_EQ(as_text(run_filter({"tr", "a-z", "A-Z"}, as_bytes("abc"), 3, "t")), "ABC");
}

TEST(ExternalProgram, IsNotRunThroughAShell) {
  EXPECT_EQ(as_text(run_filter({"printf", "%s", "$(id); `id`"}, {}, 100, "t")), "$(id); `id`");
}

TEST(ExternalProgram, GetsItsSettings) {
  const std::vector<std::string> command = {"sh", "-c", "printf %s \"$GOLF_TEST$HOME\""};
  EXPECT_EQ(as_text(run_filter(command, {}, 100, "t", {"GOLF_TEST=a", "HOME=b"})), "ab");
}

TEST(ExternalProgram, LeavesItsStatusAndItsLastWords) {
  const ProgramResult failed = run_program({"sh", "-c", "echo result; echo sorry >&2; exit 7"}, {}, 100);
  EXPECT_EQ(failed.status, 7);
  EXPECT_EQ(as_text(failed.output), "result\n");
  EXPECT_EQ(failed.messages, "sorry\n");
  EXPECT_EQ(run_program({"sh", "-c", "kill $$"}, {}, 100).status, std::nullopt);
  const ProgramResult loud = run_program({"sh", "-c", "yes | head -n 9000 >&2; echo end >&2"}, {}, 100);
  EXPECT_EQ(loud.messages.size(), 4'096U);
  EXPECT_TRUE(loud.messages.ends_with("y\nend\n"));
}

TEST(ExternalProgram, SaysWhatWentWrong) {
  EXPECT_GOLF_ERROR(run_filter({"golf-no-such-program"}, {}, 1, "m.ptz"), ErrorCode::kUnsupported,
                    "m.ptz: needs the program golf-no-such-program, which is not installed");
  EXPECT_GOLF_ERROR(run_filter({"false"}, {}, 1, "m.ptz"), ErrorCode::kCorruptData,
                    "false failed with exit status 1");
  EXPECT_GOLF_ERROR(run_filter({"yes"}, {}, 100'000, "m.ptz"), ErrorCode::kCorruptData,
                    "m.ptz: yes printed more than the 100000 bytes allowed");
}

}  // namespace
}  // namespace golf
