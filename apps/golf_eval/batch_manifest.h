#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/score/eval_result.h"

namespace golf {

/// A text of a manifest.
struct BatchData {
  std::string name;
  std::string data;  ///< as --data
  std::string tokenizer;
  int64_t max_tokens = 0;  ///< 0: all
};

/// A model of a manifest.
struct BatchModel {
  std::string name;
  std::string model;              ///< file
  std::string config = {};        ///< as --model-config; empty: its own
  std::vector<std::string> data;  ///< names of the texts that it is scored on; empty: all
};

/// A way of scoring.
struct BatchMode {
  std::string name;
  std::string mode = "standard";
  int64_t seq_len = 1024;
  int64_t stride = 64;
  std::string window_policy = "once";
  int64_t pack_seqs = 32;
  bool include_tail = false;
  bool ngram_tilt = false;
  std::string ngram_cache = {};  ///< "", "exact" or "hashed"

  /// @throws Error kInvalidArgument for an unknown mode or policy
  EvalSettings settings() const;
  /// The same as options of golf-eval.
  std::vector<std::string> options() const;
};

/// What golf-eval batch reads: every model on every text in every mode.
struct BatchManifest {
  std::vector<BatchModel> models;
  std::vector<BatchData> data;
  std::vector<BatchMode> modes;
  std::vector<std::string> devices = {"auto"};  ///< one process each
  std::string dtype = {};                       ///< as --dtype; empty: golf-eval's own
};

/// @throws Error naming the file and the place: unknown or missing members, names that are empty or double,
/// over 100,000 jobs
BatchManifest read_batch_manifest(const std::string& path);

/// One line of the result.
struct BatchJob {
  const BatchModel* model = nullptr;
  const BatchData* data = nullptr;
  const BatchMode* mode = nullptr;

  /// {"model", "data", "mode"} by name.
  Json json() const;
  /// "baseline on val, sliding".
  std::string text() const;
};
/// In the order of the models, then of the texts, then of the modes.
std::vector<BatchJob> jobs_of(const BatchManifest& manifest);

}  // namespace golf
