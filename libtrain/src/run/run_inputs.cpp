#include "run/run_inputs.h"

#include <fmt/format.h>

#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/sentencepiece_vocab.h"
#include "golf/artifact/formats/token_shard.h"

namespace golf {
namespace {

/// Runs `read`, putting the configuration's field in front of what is wrong with it.
template <class Read>
auto field(std::string_view name, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    fail_within(name, error);
  }
}

TokenBytes read_token_bytes(const std::string& path, int64_t vocab_size) {
  const SentencePieceVocab vocab = read_sentencepiece_vocab(path);
  if (static_cast<int64_t>(vocab.pieces.size()) != vocab_size) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: {} pieces, but model.vocab_size is {}: give the tokenizer that the shards "
                     "were made with, or --set model.vocab_size={}",
                     printable(path), vocab.pieces.size(), vocab_size, vocab.pieces.size()));
  }
  return make_token_bytes(vocab, vocab_size);
}

}  // namespace

RunInputs read_run_inputs(const TrainConfig& config, const TrainJob& job) {
  const ExportConfig& pack = config.export_;
  RunInputs inputs;
  inputs.recipe = field("export.recipe", [&] { return load_recipe(pack.recipe); });
  inputs.recipe.keep_float_max = pack.keep_float_max;
  inputs.codec = field("export.codec",
                       [&] { return parse_codec(pack.codec.empty() ? inputs.recipe.codec : pack.codec); });
  if (pack.format == "ptz" && inputs.recipe.ptz_layout.empty()) {
    fail(ErrorCode::kUnsupported,
         fmt::format("export.format: recipe {} has no ptz layout: use golf", inputs.recipe.name));
  }
  inputs.code = measure_code(job.code_files);

  if (!std::filesystem::is_directory(job.data_dir)) {
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: no such folder: give the one that holds {}",
                                                  printable(job.data_dir), config.data.train_pattern));
  }
  inputs.train_pattern = job.data_dir + "/" + config.data.train_pattern;
  inputs.val_pattern = job.data_dir + "/" + config.data.val_pattern;
  inputs.token_bytes = read_token_bytes(job.tokenizer, config.model.vocab_size);
  inputs.val_tokens = read_token_shards(inputs.val_pattern, config.model.vocab_size);
  inputs.eval = {.mode = EvalMode::kStandard,
                 .seq_len = config.eval.seq_len,
                 .stride = config.eval.stride,
                 .batch_seqs = config.eval.batch_seqs};
  if (static_cast<int64_t>(inputs.val_tokens.size()) <= config.eval.seq_len) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: {} tokens are less than one sequence of eval.seq_len {} and its target",
                     printable(inputs.val_pattern), inputs.val_tokens.size(), config.eval.seq_len));
  }
  return inputs;
}

}  // namespace golf
