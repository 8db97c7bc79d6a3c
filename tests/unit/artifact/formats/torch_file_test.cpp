#include "golf/artifact/formats/torch/torch_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/formats/checkpoint.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "torch_files.h"

namespace golf {
namespace {

template <class T>
TorchValue plain(T value) {
  TorchValue result;
  result.value = std::move(value);
  return result;
}
TorchValue name(const std::string& text) { return plain(text); }

TorchValue sample() {
  TorchValue tuple = plain(TorchValue::List{});
  for (const int64_t n :
       {INT64_MIN, INT64_C(-2147483649), INT64_C(-2147483648), INT64_C(-1), INT64_C(0), INT64_C(255),
        INT64_C(256), INT64_C(65535), INT64_C(65536), INT64_C(2147483648), INT64_MAX}) {
    std::get<TorchValue::List>(tuple.value).push_back(plain(n));
  }
  tuple.is_tuple = true;
  TorchValue list =
      plain(TorchValue::List{plain(true), plain(-0.1), TorchValue(), plain(TorchValue::List{})});
  TorchValue ordered = plain(TorchValue::Dict{{name("only"), plain(TorchValue::DTypeName{"bfloat16"})}});
  ordered.is_ordered_dict = true;
  TorchValue::Dict root;
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    root.emplace_back(name(std::string(torch_name(dtype))), plain(make_tensor(dtype, {2, 3})));
  }
  root.emplace_back(name("Größe"), plain(make_tensor<float>(DType::kF32, {}, std::vector<float>{1.5F})));
  root.emplace_back(name("empty"), plain(make_tensor(DType::kF32, {0, 7})));
  root.emplace_back(name("tuple"), tuple);
  root.emplace_back(name("list"), list);
  root.emplace_back(name("ordered"), ordered);
  root.emplace_back(plain(int64_t{3}), plain(std::string("tuple")));
  root.emplace_back(name("no items"), plain(TorchValue::Dict{}));
  return plain(std::move(root));
}

TEST(TorchFile, RoundTripsEveryKindOfValue) {
  const Bytes bytes = encode_torch_file(sample());
  EXPECT_EQ(parse_torch_file(bytes, "f.pt"), sample());
  EXPECT_EQ(encode_torch_file(sample()), bytes);
}

TEST(TorchFile, RoundTripsMoreItemsThanABatch) {
  for (const int64_t count : {1, 999, 1000, 1001, 2001}) {
    TorchValue::Dict dict;
    TorchValue::List list;
    for (int64_t i = 0; i < count; ++i) {
      dict.emplace_back(plain(i), plain(std::to_string(i)));
      list.push_back(plain(i));
    }
    TorchValue ordered = plain(dict);
    ordered.is_ordered_dict = true;
    const TorchValue root = plain(TorchValue::Dict{
        {name("dict"), plain(dict)}, {name("list"), plain(list)}, {name("ordered"), ordered}});
    EXPECT_EQ(parse_torch_file(encode_torch_file(root), "f.pt"), root);
  }
}

TEST(TorchFile, AlignsDataTo64Bytes) {
  const TorchValue root = plain(TorchValue::Dict{{name("a"), plain(make_tensor(DType::kU8, {5}))},
                                                 {name("b"), plain(make_tensor(DType::kU8, {99}))}});
  const Bytes bytes = encode_torch_file(root);
  size_t header = 0;
  int entries = 0;
  while ((header = as_text(bytes).find("PK\x03\x04", header)) != std::string::npos) {
    uint16_t lengths[2];
    std::memcpy(lengths, bytes.data() + header + 26, sizeof(lengths));
    EXPECT_EQ((header + 30 + lengths[0] + lengths[1]) % 64, 0U);
    header += 4;
    ++entries;
  }
  EXPECT_EQ(entries, 8);
}

TEST(TorchFile, RefusesToWriteWhatItCouldNotRead) {
  EXPECT_GOLF_ERROR(encode_torch_file(plain(int64_t{1})), ErrorCode::kInvalidArgument, "must be a dict");
  const auto of = [](TorchValue value) { return plain(TorchValue::Dict{{name("t"), std::move(value)}}); };
  EXPECT_GOLF_ERROR(encode_torch_file(of(plain(Bytes(3)))), ErrorCode::kUnsupported,
                    "bytes cannot be written");
  EXPECT_GOLF_ERROR(encode_torch_file(of(plain(std::string("\xff")))), ErrorCode::kInvalidArgument, "UTF-8");
  TorchValue deep;
  for (int i = 0; i < 64; ++i) deep = plain(TorchValue::List{std::move(deep)});
  EXPECT_GOLF_ERROR(encode_torch_file(of(std::move(deep))), ErrorCode::kInvalidArgument,
                    "nested deeper than 64");
}

TEST(TorchFile, NoticesEveryFlippedBitThatMatters) {
  const TorchValue root = plain(
      TorchValue::Dict{{name("w"), plain(make_tensor<float>(DType::kF32, {2}, std::vector<float>{1, 2}))}});
  const Bytes bytes = encode_torch_file(root);
  int unnoticed = 0;
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    Bytes flipped = bytes;
    flipped[i / 8] ^= std::byte{1} << (i % 8);
    try {
      EXPECT_EQ(parse_torch_file(flipped, "f.pt"), root) << "bit " << i;
      ++unnoticed;
    } catch (const Error&) {
      continue;
    }
  }
  // Times, versions, attributes and padding say nothing; everything else must be noticed.
  EXPECT_LT(unnoticed, static_cast<int>(bytes.size()) * 4);
  EXPECT_GT(unnoticed, 0);
}

TEST(TorchFile, BecomesACheckpoint) {
  const Tensor weights = make_tensor<float>(DType::kF32, {2}, std::vector<float>{1, 2});
  const TorchValue root = plain(TorchValue::Dict{{name("w"), plain(weights)}});
  const Bytes bytes = encode_torch_file(root);
  EXPECT_TRUE(is_torch_file(bytes));
  EXPECT_EQ(parse_checkpoint(bytes, "c.pt").tensors.at("w"), weights);
  EXPECT_TRUE(parse_checkpoint(encode_torch_file(plain(TorchValue::Dict{})), "c.pt").tensors.empty());

  const TorchValue nested = plain(TorchValue::Dict{{name("model"), plain(int64_t{1})}});
  EXPECT_GOLF_ERROR(parse_checkpoint(encode_torch_file(nested), "c.pt"), ErrorCode::kUnsupported,
                    "c.pt: not a state dict: \"model\" is no tensor");
  const TorchValue numbered = plain(TorchValue::Dict{{plain(int64_t{0}), plain(weights)}});
  EXPECT_GOLF_ERROR(parse_checkpoint(encode_torch_file(numbered), "c.pt"), ErrorCode::kUnsupported,
                    "a key is no");
}

TEST(TorchFile, ReadsTheReferenceCheckpoints) {
  GOLF_NEED_REFERENCE_DATA();
  for (const char* system : {"/reference", "/pr1046"}) {
    const std::string stem = test::reference_data() + system + "/final";
    const Checkpoint torch = parse_checkpoint(read_file(stem + ".pt"), "final.pt");
    const Checkpoint safe = parse_checkpoint(read_file(stem + ".safetensors"), "final.safetensors");
    ASSERT_EQ(torch.tensors.size(), safe.tensors.size());
    for (const auto& [name, tensor] : safe.tensors) EXPECT_EQ(torch.tensors.at(name), tensor) << name;
  }
}

/// What torch.save pickles for {"w": torch.tensor([1.0, 2.0])}, opcode by opcode.
std::string pickle_of_one_tensor() {
  using namespace std::string_literals;
  return "\x80\x02"                             // PROTO 2
         "}q\x00"                               // EMPTY_DICT; every value is put into the memo (BINPUT)
         "X\x01\x00\x00\x00wq\x01"              // the key
         "ctorch._utils\n_rebuild_tensor_v2\n"  // GLOBAL
         "q\x02"
         "(("  // MARK of its arguments, MARK of the storage's persistent id
         "X\x07\x00\x00\x00storageq\x03"
         "ctorch\nFloatStorage\nq\x04"
         "X\x01\x00\x00\x00\x30q\x05"    // the storage's key, "0"
         "X\x03\x00\x00\x00\x63puq\x06"  // "cpu"
         "K\x02tq\x07Q"                  // two elements, TUPLE, BINPERSID
         "K\x00"                         // the offset
         "K\x02\x85q\x08"                // the shape (2,)
         "K\x01\x85q\x09"                // the strides (1,)
         "\x89"                          // requires_grad is false
         "ccollections\nOrderedDict\nq\x0a)Rq\x0b"
         "tq\x0cRq\x0d"  // TUPLE of the arguments, REDUCE
         "s."s;          // SETITEM, STOP
}

template <class Number>
void put(std::string& out, Number number) {
  for (size_t i = 0; i < sizeof(number); ++i) out += static_cast<char>(number >> (8 * i));
}

/// The archive that torch.save makes of those entries: stored, no times, contents on multiples of 64 through
/// an extra field "FB", CRC and sizes in a descriptor after the content, a zip64 end.
std::string torch_archive(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string out, directory;
  for (const auto& [name, content] : entries) {
    const auto crc = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    const auto size = static_cast<uint32_t>(content.size()), offset = static_cast<uint32_t>(out.size());
    out += "PK\x03\x04";
    put(out, uint16_t{0});         // version needed
    put(out, uint16_t{0x0808});    // descriptor, UTF-8
    out += std::string(18, '\0');  // stored; time, date, CRC and sizes are 0 here
    put(out, static_cast<uint16_t>(name.size()));
    const size_t before = out.size() + 2 + name.size() + 4;
    const size_t padding = (64 - before % 64) % 64;
    put(out, static_cast<uint16_t>(4 + padding));
    out += name + "FB";
    put(out, static_cast<uint16_t>(padding));
    out += std::string(padding, 'Z') + content + "PK\x07\x08";
    for (const uint32_t number : {crc, size, size}) put(out, number);

    directory += "PK\x01\x02";
    put(directory, uint32_t{0});  // versions
    put(directory, uint16_t{0x0808});
    put(directory, uint16_t{0});  // stored
    put(directory, uint32_t{0});  // time and date
    for (const uint32_t number : {crc, size, size}) put(directory, number);
    put(directory, static_cast<uint16_t>(name.size()));
    directory += std::string(12, '\0');
    put(directory, offset);
    directory += name;
  }
  const uint64_t start = out.size(), end = start + directory.size(), count = entries.size();
  out += directory + std::string("PK\x06\x06");
  put(out, uint64_t{44});
  put(out, uint32_t{0x002d031e});  // made by version 3.0 on Unix, needs 4.5
  for (const uint64_t number : {uint64_t{0}, count, count, end - start, start}) put(out, number);
  out += std::string("PK\x06\x07") + std::string(4, '\0');
  put(out, end);
  put(out, uint32_t{1});
  out += std::string("PK\x05\x06") + std::string(4, '\0');
  put(out, static_cast<uint16_t>(count));
  put(out, static_cast<uint16_t>(count));
  put(out, static_cast<uint32_t>(end - start));
  put(out, static_cast<uint32_t>(start));
  put(out, uint16_t{0});
  return out;
}

TEST(TorchFile, WritesOneTensorByteForByteAsTorchDoes) {
  const Tensor weights = make_tensor<float>(DType::kF32, {2}, std::vector<float>{1, 2});
  const Bytes written = encode_torch_file(plain(TorchValue::Dict{{name("w"), plain(weights)}}));
  const std::string file(as_text(written));
  // The identification is 40 digits: torch's hash of the names, which is its standard library's, then of the
  // CRCs.
  const std::string id_name = "archive/.data/serialization_id";
  const size_t id = file.find_first_of("0123456789", file.find("Z", file.find(id_name)));
  const std::string expected =
      torch_archive({{"archive/data.pkl", pickle_of_one_tensor()},
                     {"archive/.format_version", "1"},
                     {"archive/.storage_alignment", "64"},
                     {"archive/byteorder", "little"},
                     {"archive/data/0", std::string("\x00\x00\x80\x3f\x00\x00\x00\x40", 8)},
                     {"archive/version", "3\n"},
                     {id_name, file.substr(id, 40)}});
  EXPECT_EQ(file.size(), expected.size());
  EXPECT_EQ(file.substr(0, id), expected.substr(0, id));
  EXPECT_TRUE(file == expected);
}

TEST(TorchFile, WritesEverySubmissionsArtifactByteForByteAsTorchDoes) {
  GOLF_NEED_REFERENCE_DATA();
  for (const char* file :
       {"common/quant_cases_1046_int6.ptz", "common/quant_cases_1046_int8.ptz", "common/quant_cases_88.ptz",
        "common/quant_cases_base.ptz", "reference/artifact.int8.ptz", "reference/artifact_t4096.int8.ptz",
        "pr88/artifact.int8.ptz", "pr88/artifact_t4096.int8.ptz", "pr1046/artifact.int6.ptz",
        "pr1046/artifact.int8.ptz", "pr1046/artifact_t4096.int6.ptz", "pr192/artifact.int6.ptz",
        "pr262/artifact.int6.ptz", "pr993/artifact.int6.ptz", "pr993/wide/artifact_noprune.int6.ptz",
        "pr993/wide/artifact_prune.int6.ptz"}) {
    const Bytes blob = read_file(test::reference_data() + "/" + file);
    const std::optional<CodecId> codec = detect_codec(blob);
    ASSERT_TRUE(codec) << file;
    const Bytes raw = decode(*codec, blob, limits::kDecompressedBytes, file);
    EXPECT_EQ(sha256_hex(encode_torch_file(parse_torch_file(raw, file))), sha256_hex(raw)) << file;
  }
}

TEST(TorchFile, ReadsTheReferenceArtifact) {
  GOLF_NEED_REFERENCE_DATA();
  const Bytes blob = read_file(test::reference_data() + "/reference/artifact.int8.ptz");
  const Bytes raw = decode(CodecId::kZlib, blob, limits::kDecompressedBytes, "artifact");
  const Json figures = read_json_file(test::reference_data() + "/reference/artifact.json");
  EXPECT_EQ(sha256_hex(raw),
            figures.at("keep_float_max_numel=65536").at("int8").at("raw_sha256").as_string());
  const TorchValue root = parse_torch_file(raw, "artifact");
  EXPECT_EQ(std::get<std::string>(root.find("__quant_format__")->value), "int8_clean_per_row_v1");
  const TorchValue* embedding = root.find("quantized")->find("tok_emb.weight");
  ASSERT_NE(embedding, nullptr);
  EXPECT_EQ(std::get<Tensor>(embedding->value).dtype, DType::kI8);
  EXPECT_EQ(std::get<Tensor>(embedding->value).shape, (Shape{1024, 128}));
  EXPECT_EQ(root.find("no such key"), nullptr);
}

TEST(TorchFile, RefusesTruncatedReferenceCheckpoints) {
  GOLF_NEED_REFERENCE_DATA();
  const Bytes bytes = read_file(test::reference_data() + "/reference/final.pt");
  for (size_t size = 0; size < bytes.size();
       size += size < 8192 || size + 8192 > bytes.size() ? 61 : 40'009) {
    EXPECT_GOLF_ERROR(parse_torch_file(ByteView(bytes).first(size), "final.pt"), ErrorCode::kCorruptData,
                      "final.pt: zip: ");
  }
}

}  // namespace
}  // namespace golf
