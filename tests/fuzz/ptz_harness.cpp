// Torch files and the .ptz artifacts around them. Mutation works on the entries of a zip that is not
// compressed, the pickle most of all, and writes a sound zip around the change. Blobs of groups have a
// harness of their own.
#include <random>

#include "container/grouped_blob.h"
#include "formats/torch/zip_archive.h"
#include "formats/torch/zip_writer.h"
#include "fuzz/harness.h"
#include "fuzz/seed_models.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf::fuzz {
namespace {

void run(ByteView input) {
  if (is_grouped(input) || as_text(input).starts_with(kGolfMagic)) return;
  TorchValue root;
  if (is_torch_file(input) && accepts([&] { root = parse_torch_file(input, "fuzz"); })) {
    Bytes written;
    if (accepts([&] { written = encode_torch_file(root); })) {
      expect(encode_torch_file(parse_torch_file(written, "fuzz")) == written,
             "a torch file survives another round trip");
    }
  }
  const bool summarized = accepts([&] { summarize_artifact(input, "fuzz"); });
  const bool decoded = accepts([&] { decode_artifact(input, "fuzz", 1); });
  expect(summarized || !decoded, "what decodes can be summed up");
  accepts([&] { load_model(input, "fuzz", std::nullopt, 1); });
}

Bytes mutate(ByteView input, const ByteMutator& bytes, uint32_t seed) {
  std::minstd_rand random(seed);
  const auto pick = [&](size_t n) { return random() / 7 % n; };
  Bytes changed(input.begin(), input.end());
  const bool inside = pick(8) != 0 && is_torch_file(input) && accepts([&] {
                        ZipArchive archive(input, "fuzz");
                        const auto& entries = archive.entries();
                        if (entries.empty()) fail(ErrorCode::kCorruptData, "nothing to change");
                        const size_t pickle = archive.find("data.pkl").value_or(0);
                        const size_t target = pick(4) != 0 ? pickle : pick(entries.size());
                        ZipWriter writer("archive");
                        for (size_t i = 0; i < entries.size(); ++i) {
                          const ByteView content = archive.read(i);
                          Bytes copy(content.begin(), content.end());
                          if (i == target) bytes(copy);
                          writer.add(entries[i].name, copy);
                        }
                        changed = writer.finish();
                      });
  if (!inside) bytes(changed);
  return changed;
}

TorchValue number(int64_t value) { return {.value = value}; }

/// Every kind of value that a pickle may hold.
TorchValue every_value() {
  TorchValue::Dict dict;
  const auto put = [&](const char* key, TorchValue value) {
    dict.emplace_back(TorchValue{.value = std::string(key)}, std::move(value));
  };
  put("none", {});
  put("bool", {.value = true});
  put("int", number(-70'000));
  put("float", {.value = 0.5});
  put("text", {.value = std::string("a")});
  put("list", {.value = TorchValue::List{number(1), number(300)}});
  put("tuple",
      {.value = TorchValue::List{number(1), number(1) /* a pickle refers back to it */}, .is_tuple = true});
  put("dtype", {.value = TorchValue::DTypeName{"float32"}});
  put("tensor", {.value = make_tensor(DType::kF32, {2, 3})});
  put("empty", {.value = make_tensor(DType::kI8, {0})});
  put("dict", {.value = TorchValue::Dict{{number(1), number(2)}}, .is_ordered_dict = true});
  return {.value = std::move(dict)};
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (const char* recipe : {"baseline-int8", "pr192", "pr262", "pr993", "pr1046"}) {
    Artifact artifact = seed_artifact(recipe);
    artifact.info.format = ArtifactFormat::kPtz;
    for (const char* codec : {"store", "zlib:6", "zstd:3", "lzma:6", "brotli:5"}) {
      artifact.info.codec = parse_codec(codec);
      all.push_back(encode_artifact(artifact, 1));
    }
    artifact.info.ptz_byte_shuffle = 2;
    artifact.info.codec = parse_codec("store");
    all.push_back(encode_artifact(artifact, 1));
  }
  TorchValue::Dict state;
  for (const auto& [name, tensor] : seed_weights()) {
    state.emplace_back(TorchValue{.value = name}, TorchValue{.value = tensor});
  }
  all.push_back(encode_torch_file({.value = std::move(state), .is_ordered_dict = true}));
  all.push_back(encode_torch_file(every_value()));
  return all;
}

}  // namespace

const Harness kPtz = {.name = "ptz", .run = run, .seeds = seeds, .mutate = mutate};

}  // namespace golf::fuzz
