#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

enum class RecordType { kText, kNumber, kBytes };

/// A field of submission.json: its own name, and those that submissions give it.
struct RecordField {
  std::string_view name;
  RecordType type = RecordType::kText;
  bool wanted = false;  ///< upstream's example has it
  std::vector<std::string_view> synonyms = {};
};
const std::vector<RecordField>& record_fields();

/// A field that is there.
struct FoundField {
  const RecordField* field = nullptr;
  std::string key = {};         ///< as it stands in the file
  const Json* value = nullptr;  ///< lives as long as the record
  int64_t line = 0;             ///< from 1

  /// The number, also one that is written as text; nothing for anything else.
  std::optional<double> number() const;
};

/// What the file says of one seed.
struct SeedClaim {
  int64_t seed = 0;
  std::optional<double> bpb = {}, loss = {};
  std::optional<int64_t> bytes = {}, steps = {};
  int64_t line = 0;
};

/// submission.json, whose form nobody wrote down.
class SubmissionRecord {
 public:
  /// Never throws for what the text says: see `problem`.
  SubmissionRecord(std::string_view text, std::string file);
  // The found fields point into the document.
  SubmissionRecord(const SubmissionRecord&) = delete;
  SubmissionRecord& operator=(const SubmissionRecord&) = delete;

  const std::string& file() const { return file_; }
  /// Why it is no JSON object; empty: it is one. `problem_line` is where, 0 when that is not known.
  const std::string& problem() const { return problem_; }
  int64_t problem_line() const { return problem_line_; }
  const std::vector<FoundField>& fields() const { return fields_; }
  /// By the field's own name; null: not there.
  const FoundField* find(std::string_view name) const;
  /// The number of the field, when it has one.
  std::optional<double> number(std::string_view name) const;
  const std::vector<SeedClaim>& seeds() const { return seeds_; }
  /// The line of the first `"key"` in the file, 0 when there is none.
  int64_t line_of(std::string_view key) const;

 private:
  void find_fields();
  void find_seeds();
  void add_seed(int64_t seed, const Json& value, int64_t line);

  std::string file_, text_, problem_;
  int64_t problem_line_ = 0;
  Json root_;
  std::vector<FoundField> fields_;
  std::vector<SeedClaim> seeds_;
};

}  // namespace golf
