// PGRP files, versions 1 and 2. Mutation works on the header, or on the torch file of the other tensors below
// shuffle and brotli. Streams of lrzip are never decoded: that would start a program for each input.
#include <algorithm>
#include <random>

#include "container/grouped_blob.h"
#include "container/pgrp_v2.h"
#include "container/ptz_dict.h"
#include "container/ptz_layout.h"
#include "encode/byte_shuffle.h"
#include "fuzz/harness.h"
#include "fuzz/seed_models.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/encode/codec.h"

namespace golf::fuzz {
namespace {

constexpr CodecSpec kBrotli = {.id = CodecId::kBrotli, .level = 1};
constexpr uint64_t kMostBytes = uint64_t{1} << 26;

void run(ByteView input) {
  if (!is_grouped(input)) return;
  const bool summarized = accepts([&] { summarize_artifact(input, "fuzz"); });
  if (!is_pgrp_v2(input)) {
    accepts([&] { read_grouped_blob(input, "fuzz"); });
    return;
  }
  bool by_lrzip = false;
  if (!accepts([&] { by_lrzip = parse_pgrp_v2(input, "fuzz").by_lrzip; })) {
    return expect(!summarized, "a file that is summed up has a sound header");
  }
  if (by_lrzip) return;
  Artifact artifact;
  if (!accepts([&] { artifact = decode_artifact(input, "fuzz", 1); })) return;
  expect(summarized, "what decodes can be summed up");
  Bytes again;
  // One in eight: brotli's highest quality takes most of the time here.
  if (input.size() % 8 == 0 && accepts([&] { again = encode_artifact(artifact, 1); })) {
    expect(encode_artifact(decode_artifact(again, "fuzz", 1), 1) == again,
           "a file survives another round trip");
  }
  accepts([&] { load_model(input, "fuzz", std::nullopt, 1).own_tensors(); });
}

/// Version 1 again with another torch file in its eighth stream.
Bytes with_rest(const std::vector<ByteView>& streams, ByteView rest) {
  ByteWriter writer;
  writer.write_text("PGRP");
  writer.write(static_cast<uint32_t>(streams.size()));
  for (size_t i = 0; i < streams.size(); ++i) {
    writer.write(static_cast<uint32_t>(i == kRestStream ? rest.size() : streams[i].size()));
  }
  for (size_t i = 0; i < streams.size(); ++i) writer.write_bytes(i == kRestStream ? rest : streams[i]);
  return writer.take();
}

Bytes mutate(ByteView input, const ByteMutator& bytes, uint32_t seed) {
  Bytes changed(input.begin(), input.end());
  std::minstd_rand random(seed);
  const bool inside =
      random() / 7 % 2 == 0 && is_grouped(input) && accepts([&] {
        if (is_pgrp_v2(input)) {
          const PgrpV2 file = parse_pgrp_v2(input, "fuzz");
          Bytes rest = unshuffle_bytes(decode(CodecId::kBrotli, file.rest, kMostBytes, "fuzz"), "fuzz").raw;
          bytes(rest);
          const Bytes stored = encode(kBrotli, shuffle_bytes(rest, 2));
          ByteWriter writer;
          writer.write_bytes(input.first(input.size() - file.rest.size() - sizeof(uint32_t)));
          writer.write(static_cast<uint32_t>(stored.size()));
          writer.write_bytes(stored);
          changed = writer.take();
        } else {
          const std::vector<ByteView> streams = split_streams(input, "fuzz");
          if (streams.size() <= kRestStream) fail(ErrorCode::kCorruptData, "no such stream");
          Bytes rest = decode(CodecId::kBrotli, streams[kRestStream], kMostBytes, "fuzz");
          bytes(rest);
          changed = with_rest(streams, encode(kBrotli, rest));
        }
      });
  if (!inside) bytes(changed);
  return changed;
}

/// Gives a matrix what PR 1855 and PR 2014 add to integers: a low-rank correction and finer columns.
void add_corrections(StoredModel& model) {
  size_t place = 0;
  for (StoredTensor& stored : model.tensors) {
    if (stored.encoding != Encoding::kIntPerRow || place == 2) continue;
    const int64_t rows = stored.values.shape[0], columns = stored.values.shape[1];
    const bool asymmetric = place == 0;
    stored.low_rank =
        LowRank{.scales = asymmetric ? LowRank::Scales::kAsymmetric : LowRank::Scales::kSymmetric,
                .place = place++,
                .a = make_tensor(DType::kI8, {rows, 2}),
                .a_scales = make_tensor(DType::kF16, asymmetric ? Shape{} : Shape{rows}),
                .b = make_tensor(DType::kI8, {2, columns}),
                .b_scales = make_tensor(DType::kF16, {2})};
    stored.fine_columns = FineColumns{.starts = {0}, .size = 4, .scales = make_tensor(DType::kF16, {rows})};
  }
}

/// Version 1 whose streams of lrzip are made up.
Bytes version_1(const StoredModel& model) {
  TorchValue root = write_gptq(model);
  auto& members = std::get<TorchValue::Dict>(root.value);
  auto& weights = std::get<TorchValue::Dict>(members.at(0).second.value);
  const auto group = std::find_if(weights.begin(), weights.end(), [](const auto& member) {
    return std::get<std::string>(member.first.value) == "tok_emb.weight.q";
  });
  const Shape shape = std::get<Tensor>(group->second.value).shape;
  weights.erase(group);
  TorchValue::List sizes;
  for (const int64_t size : shape) sizes.push_back({.value = size});
  TorchValue::Dict shapes, file;
  put(shapes, "_tok_emb.weight.q",
      {.value = TorchValue::List{{.value = std::move(sizes), .is_tuple = true}}});
  put(file, "r", std::move(members.at(0).second));
  put(file, "m", std::move(members.at(1).second));
  put(file, "s", {.value = std::move(shapes)});
  const Bytes rest = encode(kBrotli, encode_torch_file({.value = std::move(file)}));
  Bytes orders;
  for (int64_t row = shape[0]; row-- > 0;) {
    orders.push_back(static_cast<std::byte>(row & 0xff));
    orders.push_back(static_cast<std::byte>(row >> 8));
  }
  const Bytes stored_orders = encode(kBrotli, orders);
  const ByteView lrzip = as_bytes("LRZI, then what is never read");
  std::vector<ByteView> streams(9);
  streams[0] = lrzip;
  streams[kOrdersStream] = stored_orders;
  return with_rest(streams, rest);
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (const char* scheme : {"int8-clip", "int7-sd:14"}) {
    Artifact artifact = seed_artifact("pr192", {{"tok_emb", scheme}});
    for (const bool corrected : {false, true}) {
      if (corrected) add_corrections(artifact.model);
      artifact.info.format = ArtifactFormat::kPtz;
      artifact.info.ptz_layout = kPgrpV2Layout;
      all.push_back(encode_artifact(artifact, 1));
      all.push_back(version_1(artifact.model));
    }
  }
  // The same by lrzip as far as its method byte says.
  Bytes by_lrzip = all.front();
  const PgrpV2 file = parse_pgrp_v2(by_lrzip, "seed");
  const size_t method = by_lrzip.size() - file.rest.size() - file.codes.size() - 2 * sizeof(uint32_t) - 1;
  by_lrzip[method] = std::byte{1};
  all.push_back(std::move(by_lrzip));
  return all;
}

}  // namespace

const Harness kPgrp = {.name = "pgrp", .run = run, .seeds = seeds, .mutate = mutate};

}  // namespace golf::fuzz
