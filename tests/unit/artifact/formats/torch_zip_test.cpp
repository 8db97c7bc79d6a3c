#include <gtest/gtest.h>

#include "golf/artifact/formats/torch/torch_file.h"
#include "support/error_matchers.h"
#include "torch_files.h"

namespace golf {
namespace {

using test::make_zip;
using test::torch_entries;
using test::ZipEntry;

const std::string kEmptyDict = "\x80\x02}.";

void expect_reads(const std::vector<ZipEntry>& entries) {
  EXPECT_TRUE(std::get<TorchValue::Dict>(parse_torch_file(make_zip(entries), "f.pt").value).empty());
}

void expect_refused(const Bytes& bytes, const std::string& part, ErrorCode code = ErrorCode::kCorruptData) {
  EXPECT_GOLF_ERROR(parse_torch_file(bytes, "f.pt"), code, part);
}

/// A right file with one more entry, or with its pickle's entry changed by `change`.
std::vector<ZipEntry> with(const ZipEntry& entry) {
  auto entries = torch_entries(kEmptyDict);
  entries.push_back(entry);
  return entries;
}
template <class Change>
Bytes changed(Change change) {
  auto entries = torch_entries(kEmptyDict);
  change(entries[0]);
  return make_zip(entries);
}

template <class T>
Bytes patched(Bytes bytes, size_t position, T value) {
  std::memcpy(bytes.data() + position, &value, sizeof(value));
  return bytes;
}

TEST(TorchZip, ReadsEveryFormOfEntry) {
  expect_reads(torch_entries(kEmptyDict));
  for (const int descriptor_bytes : {0, 12, 16, 20, 24}) {
    for (const bool deflate : {false, true}) {
      for (const bool zip64 : {false, true}) {
        auto entries = torch_entries(kEmptyDict);
        entries[0].descriptor_bytes = descriptor_bytes;
        entries[0].deflate = deflate;
        entries[0].zip64 = zip64;
        entries[0].flags = deflate ? 0x0806 : 0x0800;
        expect_reads(entries);
      }
    }
  }
}

TEST(TorchZip, RefusesEveryTruncatedPrefix) {
  const Bytes bytes = make_zip(torch_entries(kEmptyDict));
  for (size_t size = 0; size < bytes.size(); ++size) {
    expect_refused(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), "f.pt: zip: ");
  }
}

TEST(TorchZip, RefusesBytesAroundTheArchive) {
  Bytes after = make_zip(torch_entries(kEmptyDict));
  after.push_back(std::byte{0});
  expect_refused(after, "does not end in an end record");
  Bytes before = make_zip(torch_entries(kEmptyDict));
  before.insert(before.begin(), std::byte{'P'});
  expect_refused(before, "it should end at");
  Bytes comment = make_zip(torch_entries(kEmptyDict));
  comment[comment.size() - 2] = std::byte{1};
  comment.push_back(std::byte{'!'});
  expect_refused(comment, "does not end in an end record");
}

TEST(TorchZip, RefusesAWrongCrc) {
  expect_refused(changed([](ZipEntry& entry) { entry.crc_error = 1; }), "\"m/data.pkl\": damaged: CRC");
}

TEST(TorchZip, RefusesNamesThatAreUnsafeOrTwice) {
  for (const std::string& name : {std::string("m/../x"), std::string("/m/x"), std::string("m//x"),
                                  std::string("m/./x"), std::string("m/"), std::string(".."),
                                  std::string("m/a\0b", 5), std::string("m\\x"), std::string("m/\xff")}) {
    expect_refused(make_zip(with({.name = name, .content = ""})), "is not allowed");
  }
  expect_refused(make_zip(with({.name = "x", .content = ""})), "not in a root folder");
  expect_refused(make_zip(with({.name = "n/version", .content = "3\n"})),
                 "a second root folder beside \"m\"");
  expect_refused(make_zip(with({.name = "m/data.pkl", .content = kEmptyDict})),
                 "\"m/data.pkl\": appears twice");
}

TEST(TorchZip, RefusesEncryptionAndOtherMethods) {
  expect_refused(changed([](ZipEntry& entry) { entry.flags = 1; }),
                 "encrypted or of an unknown kind (flags 0x0001)", ErrorCode::kUnsupported);
  const Bytes bytes = make_zip(torch_entries(kEmptyDict));
  const size_t directory = as_text(bytes).find("PK\x01\x02");
  expect_refused(patched(bytes, directory + 10, uint16_t{12}), "compression method 12",
                 ErrorCode::kUnsupported);
}

TEST(TorchZip, RefusesALocalHeaderThatDisagrees) {
  expect_refused(changed([](ZipEntry& entry) { entry.local_name = "m/data.pkx"; }), "disagree");
  const Bytes bytes = make_zip(torch_entries(kEmptyDict));
  for (const size_t position : {6, 8, 14, 18, 22}) {  // flags, method, CRC, stored size, size
    expect_refused(patched(bytes, position, static_cast<uint16_t>(9)),
                   "its local header and the directory disagree");
  }
  const Bytes descriptor = changed([](ZipEntry& entry) { entry.descriptor_bytes = 16; });
  const size_t start = as_text(descriptor).find("PK\x07\x08");
  for (const size_t position : {0, 4, 8, 12}) {
    expect_refused(patched(descriptor, start + position, uint16_t{9}),
                   "data descriptor and the directory disagree");
  }
}

TEST(TorchZip, RefusesHolesAndOverlaps) {
  expect_refused(changed([](ZipEntry& entry) { entry.rest = "hole"; }), "4 unused bytes after its data");
  expect_refused(changed([](ZipEntry& entry) {
                   entry.descriptor_bytes = 16;
                   entry.rest = "hole!";
                 }),
                 "21 bytes after its data, not a data descriptor");
  const Bytes bytes = make_zip(torch_entries(kEmptyDict));
  const size_t second = as_text(bytes).find("PK\x01\x02", as_text(bytes).find("PK\x01\x02") + 1);
  const size_t third = as_text(bytes).find("PK\x01\x02", second + 1);
  expect_refused(patched(bytes, second + 42, uint32_t{0}), "entries overlap");
  expect_refused(patched(bytes, third + 42, ~uint32_t{1}), "entries overlap");
}

TEST(TorchZip, RefusesFalseCounts) {
  const Bytes bytes = make_zip(torch_entries(kEmptyDict));
  const size_t end = bytes.size() - 22;
  const auto counted = [&](uint16_t count) {
    return patched(patched(bytes, end + 8, count), end + 10, count);
  };
  expect_refused(counted(2), "bytes left over");
  expect_refused(counted(4), "f.pt: zip: ");
  expect_refused(counted(65'535), "65535 entries in a directory of");
  expect_refused(patched(bytes, end + 8, uint16_t{2}), "several disks");
  expect_refused(patched(bytes, end + 12, ~uint32_t{0}), "it should end at");
}

TEST(TorchZip, RefusesBombsBeforeInflatingThem) {
  const auto bomb = [](int64_t claimed) {
    return changed([&](ZipEntry& entry) {
      entry.deflate = true;
      entry.claimed_size = claimed;
    });
  };
  expect_refused(bomb(60 << 20), "cannot inflate to 62914560");
  expect_refused(bomb(3), "more than the directory says");
  expect_refused(bomb(5), "damaged, truncated or followed by other bytes");
  // A pickle is small, whatever its entry could inflate to.
  expect_refused(changed([](ZipEntry& entry) {
                   entry.deflate = true;
                   entry.claimed_size = 65 << 20;
                   entry.stored = std::string(1 << 20, 'x');
                 }),
                 "\"data.pkl\" of 68157440 bytes, at most 67108864 allowed");
  // Two entries that could inflate to 300 MiB each.
  auto entries = torch_entries(kEmptyDict);
  for (const char* name : {"m/data/0", "m/data/1"}) {
    entries.push_back({.name = name,
                       .content = std::string(310'000, 'x'),
                       .deflate = true,
                       .claimed_size = 300 << 20,
                       .stored = std::string(310'000, 'x')});
  }
  expect_refused(make_zip(entries), "\"m/data/1\": the archive inflates to more than 536870912 bytes");
}

TEST(TorchZip, RefusesDeflatedBytesAfterTheStream) {
  expect_refused(changed([](ZipEntry& entry) {
                   entry.deflate = true;
                   entry.stored = test::deflated(kEmptyDict) + "more";
                 }),
                 "followed by other bytes");
}

TEST(TorchZip, RefusesZip64RecordsThatDisagree) {
  TorchValue root;
  root.value = TorchValue::Dict{};
  const Bytes bytes = encode_torch_file(root);  // has them, as torch's files do
  const size_t record = as_text(bytes).find("PK\x06\x06");
  const size_t locator = as_text(bytes).find("PK\x06\x07");
  expect_refused(patched(bytes, record, uint8_t{'Q'}), "no zip64 end record");
  expect_refused(patched(bytes, record + 4, uint64_t{45}), "of another size");
  expect_refused(patched(bytes, record + 32, uint64_t{3}), "several disks");
  expect_refused(patched(bytes, record + 40, uint64_t{3}), "disagree");
  expect_refused(patched(bytes, record + 48, ~uint64_t{0}), "disagree");
  expect_refused(patched(bytes, locator + 8, uint64_t{1}), "its locator says 1");
  const Bytes many = patched(patched(bytes, record + 24, uint64_t{65'536}), record + 32, uint64_t{65'536});
  const size_t end = bytes.size() - 22;
  expect_refused(patched(patched(many, end + 8, uint16_t{0xffff}), end + 10, uint16_t{0xffff}),
                 "65536 entries, at most 65535 allowed");
}

TEST(TorchZip, RefusesEntriesThatBelongToNothing) {
  expect_refused(make_zip(with({.name = "m/data/7", .content = "x"})), "\"data/7\" belongs to nothing");
  expect_refused(make_zip(with({.name = "m/readme", .content = "x"})), "\"readme\" belongs to nothing");
  expect_refused(make_zip(with({.name = "m/code/x.py", .content = "x"})), "TorchScript");
  expect_refused(make_zip(with({.name = "m/.note", .content = std::string(5000, 'x')})),
                 "belongs to nothing");
  expect_reads(with({.name = "m/.note", .content = "future torch"}));
}

TEST(TorchZip, RefusesOtherVersionsAndByteOrders) {
  const auto version = [](const std::string& text) {
    auto entries = torch_entries(kEmptyDict);
    entries[2].content = text;
    return make_zip(entries);
  };
  for (const char* bad : {"0\n", "11\n", "", "x", "3 ", "99999999999"})
    expect_refused(version(bad), "1 to 10 are read");
  const auto order = [](const std::string& text) {
    auto entries = torch_entries(kEmptyDict);
    entries[1].content = text;
    return make_zip(entries);
  };
  expect_refused(order("big"), "byte order \"big\"", ErrorCode::kUnsupported);
  auto entries = torch_entries(kEmptyDict);
  entries.erase(entries.begin() + 1);
  expect_reads(entries);  // old files have none
  expect_refused(make_zip({entries[0]}), "no entry \"version\"");
  expect_refused(make_zip({entries[1]}), "no entry \"data.pkl\"");
  expect_refused(make_zip({}), "no entry \"version\"");
}

TEST(TorchZip, TellsItsKindByContent) {
  EXPECT_TRUE(is_torch_file(make_zip(torch_entries(kEmptyDict))));
  EXPECT_TRUE(is_torch_file(make_zip({})));
  EXPECT_FALSE(is_torch_file(as_bytes("\x80\x02}.")));  // a legacy file: a bare pickle
  expect_refused(Bytes(100), "does not end in an end record");
}

}  // namespace
}  // namespace golf
