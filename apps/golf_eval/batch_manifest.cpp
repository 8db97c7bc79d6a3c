#include "golf_eval/batch_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json_fields.h"

namespace golf {

void describe(JsonFields& fields, BatchData& row) {
  fields.field("name", row.name);
  fields.field("data", row.data);
  fields.field("tokenizer", row.tokenizer);
  fields.field("max_tokens", row.max_tokens);
}

void describe(JsonFields& fields, BatchModel& row) {
  fields.field("name", row.name);
  fields.field("model", row.model);
  fields.field("config", row.config);
  fields.field("data", row.data);
}

void describe(JsonFields& fields, BatchMode& row) {
  fields.field("name", row.name);
  fields.field("mode", row.mode);
  fields.field("seq_len", row.seq_len);
  fields.field("stride", row.stride);
  fields.field("window_policy", row.window_policy);
  fields.field("pack_seqs", row.pack_seqs);
  fields.field("include_tail", row.include_tail);
  fields.field("ngram_tilt", row.ngram_tilt);
  fields.field("ngram_cache", row.ngram_cache);
}

void describe(JsonFields& fields, BatchManifest& manifest) {
  fields.list("models", manifest.models);
  fields.list("data", manifest.data);
  fields.list("modes", manifest.modes);
  fields.field("devices", manifest.devices);
  fields.field("dtype", manifest.dtype);
}

namespace {

constexpr int64_t kMostJobs = 100'000;

template <class Row>
std::set<std::string> check_names(const std::vector<Row>& rows, const char* key) {
  require(!rows.empty(), key, "there are none");
  std::set<std::string> names;
  for (const Row& row : rows) {
    require(!row.name.empty(), key, "one has no name");
    require(names.insert(row.name).second, key, fmt::format("two are named {}", printable(row.name)));
  }
  return names;
}

void check(const BatchManifest& manifest) {
  const std::set<std::string> texts = check_names(manifest.data, "data");
  check_names(manifest.models, "models");
  check_names(manifest.modes, "modes");
  require(!manifest.devices.empty(), "devices", "there are none");
  for (const BatchData& text : manifest.data) {
    require(!text.data.empty() && !text.tokenizer.empty() && text.max_tokens >= 0, "data",
            fmt::format("{}: needs data and tokenizer", printable(text.name)));
  }
  for (const BatchModel& model : manifest.models) {
    require(!model.model.empty() && model.model != "-", "models",
            fmt::format("{}: needs the file of a model", printable(model.name)));
    for (const std::string& name : model.data) {
      require(texts.contains(name), "models",
              fmt::format("{}: there is no data named {}", printable(model.name), printable(name)));
    }
  }
  for (const BatchMode& mode : manifest.modes) {
    mode.settings();
    require(mode.ngram_cache.empty() || mode.ngram_cache == "exact" || mode.ngram_cache == "hashed", "modes",
            fmt::format("{}: ngram_cache is exact or hashed", printable(mode.name)));
  }
  require(std::ssize(manifest.models) * std::ssize(manifest.data) <= kMostJobs / std::ssize(manifest.modes),
          "models", fmt::format("over {} jobs", kMostJobs));
}

}  // namespace

EvalSettings BatchMode::settings() const {
  require(seq_len >= 1 && stride >= 1 && stride <= std::max(seq_len, stride) && pack_seqs >= 1, name,
          "lengths are 1 and more");
  const EvalSettings found{.mode = parse_eval_mode(mode),
                           .seq_len = seq_len,
                           .stride = stride,
                           .policy = golf::window_policy(window_policy),
                           .pack_seqs = pack_seqs,
                           .include_tail = include_tail};
  require(found.mode != EvalMode::kStreaming || pack_seqs > 1, name, "a chunk has at least 2 sequences");
  require(found.mode != EvalMode::kSliding || stride <= seq_len, name,
          fmt::format("a stride of {} is more than the sequence length {}", stride, seq_len));
  return found;
}

std::vector<std::string> BatchMode::options() const {
  std::vector<std::string> words = {"--mode", mode, "--seq-len", std::to_string(seq_len)};
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  const EvalMode kind = parse_eval_mode(mode);
  if (kind == EvalMode::kSliding) add({"--stride", std::to_string(stride), "--window-policy", window_policy});
  if (kind == EvalMode::kDocuments || kind == EvalMode::kStreaming)
    add({"--pack-seqs", std::to_string(pack_seqs)});
  if (include_tail) add({"--include-tail"});
  if (ngram_tilt) add({"--ngram-tilt"});
  if (!ngram_cache.empty()) add({"--ngram-cache", ngram_cache});
  return words;
}

BatchManifest read_batch_manifest(const std::string& path) {
  const std::string name = display_name(path);
  try {
    auto manifest = from_json<BatchManifest>(read_json_file(path), name);
    check(manifest);
    return manifest;
  } catch (const Error& error) {
    fail_within(name, error);
  }
}

Json BatchJob::json() const {
  return Json::object({{"model", model->name}, {"data", data->name}, {"mode", mode->name}});
}

std::string BatchJob::text() const {
  return fmt::format("{} on {}, {}", printable(model->name), printable(data->name), printable(mode->name));
}

std::vector<BatchJob> jobs_of(const BatchManifest& manifest) {
  std::vector<BatchJob> jobs;
  for (const BatchModel& model : manifest.models) {
    for (const BatchData& data : manifest.data) {
      const bool wanted = model.data.empty() ||
                          std::find(model.data.begin(), model.data.end(), data.name) != model.data.end();
      for (const BatchMode& mode : manifest.modes) {
        if (wanted) jobs.push_back({&model, &data, &mode});
      }
    }
  }
  return jobs;
}

}  // namespace golf
