#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace golf::test {

/// A training log in upstream's form; the fields are what tests change.
struct MadeLog {
  int64_t seed = 1;
  int64_t model_bytes = 15'900'000, code_bytes = 0, total_bytes = 0;  ///< 0: of the script; the sum
  int64_t steps = 13'780, params = 17'059'912, shards = 80, val_tokens = 62'021'632, world_size = 8;
  double train_ms = 600'038, step_ms = 43.54, eval_ms = 1401;
  double loss = 2.0727, bpb = 0;  ///< 0: by 2.436 bytes a token
  std::string gpu = "H100 80GB HBM3";
  std::string source = {};  ///< at the top, before the rule
  std::string extra = {};   ///< lines at the end
  bool has_sizes = true, has_result = true;
  std::string cap = "600.000";  ///< max_wallclock_seconds
  std::string matrix_lr = "0.04";

  std::string text() const;
  double bits() const;  ///< `bpb`, or what the loss makes
};

/// A submission that no check finds anything in, as files by name, until a test changes it.
struct MadeSubmission {
  std::string name = "2026-04-01_Clean";
  std::string track = "track_10min_16mb";
  std::string script = "import torch\nprint('hello')\n";
  std::vector<MadeLog> logs = {};
  std::map<std::string, std::string> record = {};  ///< members of submission.json, values as JSON
  std::map<std::string, std::string> files = {};   ///< further ones, or in place of others
  std::vector<std::string> removed = {};

  MadeSubmission();
  /// Writes it below `folder` and returns its path.
  std::string write(const TempDir& folder) const;
};

/// Ids of the findings in the submission, sorted, each once.
std::vector<std::string> found_ids(const MadeSubmission& submission);

/// Python's base64.b85encode, and `exec(CODEC.decompress(base64.b85decode("…")))` around it.
std::string base85(const std::string& bytes);
std::string wrapped(const std::string& module, const std::string& encoded, const std::string& arguments = "");

}  // namespace golf::test
