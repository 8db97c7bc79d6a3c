#include "golf/audit/data_audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "made_documents.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using test::Documents;
using test::Tokens;
using test::write_shards;

class DataAudits : public testing::Test {
 protected:
  DataAudit audit(const std::string& data, const std::string& against = {}, int threads = 2) {
    return audit_data(dir_.file(data), against.empty() ? "" : dir_.file(against), tokenizer_, KnownData{},
                      {.all_duplicates = true, .threads = threads});
  }
  static std::set<std::string> ids(const DataAudit& audit) {
    std::set<std::string> ids;
    for (const AuditFinding& finding : audit.findings) ids.insert(finding.id);
    return ids;
  }
  using Ids = std::set<std::string>;

  test::TempDir dir_;
  Tokenizer tokenizer_ = test::thousand_pieces();
};

TEST_F(DataAudits, SaysWhatASetHolds) {
  write_shards({{3, 4, 5}, {}, {6}, {7, 7, 7, 7}}, dir_.file("val"), 5);
  const DataAudit found = audit("val_*.bin");
  EXPECT_EQ(found.data.tokens, 12);
  EXPECT_EQ(found.data.documents, 4);
  EXPECT_EQ(found.data.bytes, 16);  // "p3" and so on
  EXPECT_EQ(found.data.empty_documents, 1);
  EXPECT_EQ(found.data.tokens_each.least, 0);
  EXPECT_EQ(found.data.tokens_each.median, 1);
  EXPECT_EQ(found.data.tokens_each.most, 4);
  EXPECT_DOUBLE_EQ(found.data.tokens_each.mean, 2);
  ASSERT_EQ(found.data.shards.size(), 3U);
  EXPECT_EQ(found.data.shards[0].documents, 2);
  EXPECT_EQ(found.data.shards[1].documents, 2);
  EXPECT_EQ(found.data.shards[2].documents, 0);
  EXPECT_EQ(ids(found), Ids{"empty-documents"});
}

TEST_F(DataAudits, InventsNothingOnDisjointText) {
  test::MadeDocuments made(1);
  write_shards(made.documents(300, 900), dir_.file("val"), 50'000);
  write_shards(made.documents(2000, 900), dir_.file("train"), 70'000);
  const DataAudit found = audit("val_*.bin", "train_*.bin");
  EXPECT_TRUE(found.shared.empty());
  // Nor does it take two documents of a token or two for one.
  EXPECT_EQ(ids(found), Ids{});
}

/// Both sets hold texts of the other in every way: the audit finds all of it and nothing else, whichever set
/// is the smaller one.
TEST_F(DataAudits, FindsEveryPlantedOverlapAndNoOther) {
  test::MadeDocuments made(2);
  Documents val = made.documents(400, 1500), train = made.documents(3000, 1500);
  for (Tokens& document : val) {
    while (document.size() < 20) document.push_back(9);
  }
  std::map<int64_t, std::pair<bool, int64_t>> planted;  // of a validation document: exact, the training one
  const auto plant = [&](int64_t from, int64_t to, bool exact, const Tokens& text) {
    train[static_cast<size_t>(to)] = text;
    planted[from] = {exact, to};
  };
  for (int64_t i = 0; i < 40; ++i) plant(i, 3 * i + 7, true, val[static_cast<size_t>(i)]);
  for (int64_t i = 100; i < 180;
       ++i) {  // one token in sixty-five changed: about four 13-grams of five remain
    Tokens text = val[static_cast<size_t>(i)];
    for (size_t t = 40; t < text.size(); t += 65) text[t] = static_cast<uint16_t>(3 + (text[t] + 1) % 997);
    if (text == val[static_cast<size_t>(i)]) text.push_back(5);
    plant(i, 3 * i + 7, false, text);
  }
  for (int64_t i = 200; i < 230; ++i) {  // the middle half and more of a document inside a longer one
    const Tokens& text = val[static_cast<size_t>(i)];
    Tokens longer = made.document(700);
    const auto cut = std::ssize(text) / 8;
    if (std::ssize(text) < 60) continue;
    longer.insert(longer.begin() + 300, text.begin() + cut, text.end() - cut);
    plant(i, 3 * i + 7, false, longer);
  }
  write_shards(val, dir_.file("val"), 100'000);
  write_shards(train, dir_.file("train"), 300'000);

  const auto expect_planted = [&](const DataAudit& found, bool swapped) {
    std::map<int64_t, std::pair<bool, int64_t>> pairs;
    for (const SharedDocument& pair : found.shared) {
      const auto& [from, to] = swapped ? std::pair(pair.other, pair.data) : std::pair(pair.data, pair.other);
      EXPECT_TRUE(pairs.emplace(from.number, std::pair(pair.exact, to.number)).second) << from.number;
    }
    return pairs;
  };
  const DataAudit found = audit("val_*.bin", "train_*.bin");
  EXPECT_EQ(expect_planted(found, false), planted);
  EXPECT_EQ(found.exact_documents, 40);
  EXPECT_EQ(found.exact_documents + found.near_documents, std::ssize(planted));
  EXPECT_EQ(ids(found), (Ids{"shared-documents", "near-documents"}));
  EXPECT_EQ(found.order_compared, 40);
  EXPECT_EQ(found.order_kept, 40);
  // The place that it names holds the document.
  const SharedDocument& first = found.shared[0];
  const TokenShardFile shard(found.against->shards[static_cast<size_t>(first.other.shard)].path, 0);
  Tokens there(val[0].size() + 1);
  shard.read(first.other.position, there);
  EXPECT_EQ(there[0], 1);
  EXPECT_TRUE(std::equal(val[0].begin(), val[0].end(), there.begin() + 1));

  // Seen from the larger set, near documents count by their own 13-grams: those inside longer ones may not.
  const DataAudit swapped = audit("train_*.bin", "val_*.bin");
  auto whole = planted;
  std::erase_if(whole, [](const auto& each) { return each.first >= 200; });
  auto pairs = expect_planted(swapped, true);
  EXPECT_TRUE(std::includes(planted.begin(), planted.end(), pairs.begin(), pairs.end()));
  std::erase_if(pairs, [](const auto& each) { return each.first >= 200; });
  EXPECT_EQ(pairs, whole);
}

TEST_F(DataAudits, IsTheSameOnAnyNumberOfThreads) {
  test::MadeDocuments made(3);
  Documents val = made.documents(200, 300), train = made.documents(900, 300);
  for (size_t i = 0; i < 50; ++i) train[i * 7] = val[i] = made.document(13 + i);
  write_shards(val, dir_.file("val"), 10'000);
  write_shards(train, dir_.file("train"), 10'000);
  const std::string one = to_json(audit("val_*.bin", "train_*.bin", 1)).dump();
  EXPECT_EQ(to_json(audit("val_*.bin", "train_*.bin", 3)).dump(), one);
  EXPECT_NE(one.find("\"exact_documents\":50"), std::string::npos);
}

TEST_F(DataAudits, FindsASingleSharedDocument) {
  test::MadeDocuments made(4);
  Documents val = made.documents(50, 400), train = made.documents(500, 400);
  train.back() = val[17] = made.document(200);
  write_shards(val, dir_.file("val"), 1 << 20);
  write_shards(train, dir_.file("train"), 10'000);
  const DataAudit found = audit("val_*.bin", "train_*.bin");
  ASSERT_EQ(found.shared.size(), 1U);
  EXPECT_EQ(found.shared[0].data.number, 17);
  EXPECT_EQ(found.shared[0].other.number, 499);
  EXPECT_EQ(ids(found), Ids{"shared-documents"});
  EXPECT_NE(found.findings[0].text.find("document 499 (" + dir_.path() + "/train_"), std::string::npos);
}

TEST_F(DataAudits, FindsATailThatWasCut) {
  test::MadeDocuments made(5);
  Documents full = made.documents(60, 400);
  full[39] = made.document(300);
  Documents cut(full.begin(), full.begin() + 40);
  cut.back().resize(100);
  write_shards(full, dir_.file("full"), 4'000);
  write_shards(cut, dir_.file("cut"), 1 << 20);
  const DataAudit found = audit("cut_*.bin", "full_*.bin");
  EXPECT_EQ(found.exact_documents, 39);
  EXPECT_TRUE(ids(found).contains("truncated-tail"));
  EXPECT_FALSE(ids(found).contains("reordered"));
  // And when it is the larger set that was cut.
  const DataAudit swapped = audit("full_*.bin", "cut_*.bin");
  EXPECT_TRUE(ids(swapped).contains("truncated-tail"));
  Documents few = {full[39], full[40]};
  write_shards(few, dir_.file("few"), 1 << 20);
  EXPECT_TRUE(ids(audit("few_*.bin", "cut_*.bin")).contains("truncated-tail"));
  EXPECT_EQ(ids(audit("full_*.bin", "full_*.bin")), Ids{"shared-documents"});
}

TEST_F(DataAudits, TellsOrderAndDuplicates) {
  test::MadeDocuments made(6);
  Documents one = made.documents(30, 200);
  for (size_t i = 0; i < one.size(); ++i) one[i].insert(one[i].end(), 20, static_cast<uint16_t>(i + 3));
  Documents other = one;
  std::rotate(other.begin(), other.begin() + 10, other.end());
  write_shards(one, dir_.file("one"), 1 << 20);
  write_shards(other, dir_.file("other"), 1 << 20);
  const DataAudit found = audit("one_*.bin", "other_*.bin");
  EXPECT_EQ(found.exact_documents, 30);
  EXPECT_EQ(found.order_compared, 30);
  EXPECT_EQ(found.order_kept, 20);
  EXPECT_EQ(ids(found), (Ids{"shared-documents", "reordered"}));

  one.push_back(one[4]);
  one.push_back(one[4]);
  one.push_back(one[9]);
  write_shards(one, dir_.file("twice"), 700);
  const DataAudit twice = audit("twice_*.bin");
  ASSERT_EQ(twice.data.duplicates.size(), 2U);
  EXPECT_EQ(twice.data.duplicates[0].places.size(), 3U);
  EXPECT_EQ(twice.data.duplicates[0].places[2].number, 31);
  EXPECT_EQ(twice.data.duplicates[1].places[0].number, 9);
  EXPECT_EQ(ids(twice), Ids{"duplicate-documents"});
  // A document that one set has twice says nothing about the order.
  const DataAudit both = audit("one_*.bin", "twice_*.bin");
  EXPECT_EQ(both.order_compared, 28);
  EXPECT_EQ(both.order_kept, 28);
}

TEST_F(DataAudits, ChecksSidecars) {
  write_shards({{3, 4, 5}, {6}}, dir_.file("val"), 100);
  const auto sidecar = [&](const Tokens& bytes) {
    write_file_atomic(dir_.file("val_bytes_000000.bin"), encode_token_shard(bytes));
    return audit("val_*.bin");
  };
  const DataAudit good = sidecar({0, 5, 5, 5, 0, 7});
  EXPECT_EQ(good.data.bytes, 22);
  EXPECT_EQ(good.data.byte_source, ByteSource::kSidecar);
  EXPECT_EQ(ids(good), Ids{});
  EXPECT_EQ(ids(sidecar({0, 5, 5, 5, 3, 7})), Ids{"sidecar-control"});
  const DataAudit short_one = sidecar({0, 5, 5});
  EXPECT_EQ(short_one.data.bytes, 8);  // by the pieces
  EXPECT_EQ(ids(short_one), Ids{"sidecar-length"});
  EXPECT_TRUE(short_one.has_errors());
}

TEST_F(DataAudits, NoticesMissingShardsAndACutSplit) {
  write_shards({Tokens(90, 5), Tokens(90, 6)}, dir_.file("fineweb_val"), 60);
  std::remove(dir_.file("fineweb_val_000000.bin").c_str());
  std::remove(dir_.file("fineweb_val_000002.bin").c_str());
  tokenizer_.file.sha256 = "abc";
  const KnownData known{.tokenizers = {{"t", 1000, "abc"}},
                        .texts = {{.name = "the split",
                                   .tokenizer = "t",
                                   .role = "validation",
                                   .pieces = 1000,
                                   .targets = 180,
                                   .documents = 2}}};
  const DataAudit found = audit_data(dir_.path(), "", tokenizer_, known, {});
  EXPECT_EQ(ids(found), (Ids{"missing-shards", "cut-validation", "begins-inside-document"}));
  EXPECT_NE(found.findings[0].text.find("one shard is missing"), std::string::npos);
  EXPECT_EQ(found.data.leading_tokens, 31);
}

TEST_F(DataAudits, RefusesWhatItCannotAudit) {
  write_shards({Tokens(90, 5)}, dir_.file("val"), 100);
  Tokenizer without = tokenizer_;
  without.document_start.reset();
  EXPECT_GOLF_ERROR(audit_data(dir_.file("val_*.bin"), "", without, {}, {}), ErrorCode::kMismatch,
                    "no control piece <s>");
  EXPECT_GOLF_ERROR(audit_data(dir_.file("val_*.bin"), "", tokenizer_, {}, {.near_share = 0}),
                    ErrorCode::kInvalidArgument, "over 0");
  write_file_atomic(dir_.file("val_000001.bin"), encode_token_shard(Tokens{1, 2000}));
  EXPECT_GOLF_ERROR(audit("val_*.bin"), ErrorCode::kMismatch, "val_000001.bin: token 2000");
}

}  // namespace
}  // namespace golf
