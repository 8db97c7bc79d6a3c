#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/train/run/train.h"
#include "support/temp_dir.h"

namespace golf::test {

/// A SentencePiece model of `count` pieces "a", "b", … without scores.
inline Bytes tokenizer(int count) {
  ByteWriter model;
  for (int i = 0; i < count; ++i) {
    ByteWriter piece;
    piece.write(uint8_t{0x0A});  // field 1: the text
    piece.write_string(std::string(1, static_cast<char>('0' + i)));
    model.write(uint8_t{0x0A});  // field 1: a piece
    model.write_varint(piece.size());
    model.write_bytes(piece.bytes());
  }
  return model.take();
}

/// A configuration, data and a tokenizer for whole runs of a few milliseconds a step.
class SmallRun : public ::testing::Test {
 protected:
  SmallRun() {
    config.name = "small";
    config.model = {.vocab_size = 32,
                    .num_layers = 3,
                    .model_dim = 16,
                    .num_heads = 2,
                    .num_kv_heads = 1,
                    .mlp_hidden = 32};
    config.eval = {.seq_len = 16, .stride = 8, .batch_seqs = 4};
    config.data.seq_len = 8;
    config.data.batch_tokens = 64;
    config.data.grad_accum_steps = 2;
    config.schedule = {.iterations = 6, .warmdown_iters = 3, .warmup_steps = 1, .max_wallclock_seconds = 0};
    config.training.val_every = 4;
    config.training.device = "cpu";
    config.export_.keep_float_max = 100;
    std::vector<uint16_t> tokens(700);
    for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<uint16_t>(i * i % 29);
    write_file_atomic(dir.file("fineweb_train_0.bin"), encode_token_shard(tokens));
    write_file_atomic(dir.file("fineweb_val_0.bin"), encode_token_shard(std::span(tokens).first(101)));
    write_file_atomic(dir.file("t.model"), tokenizer(32));
  }

  TrainJob job(const std::string& name) const {
    return {.data_dir = dir.path(),
            .tokenizer = dir.file("t.model"),
            .run_dir = dir.file(name),
            .init = "",
            .code_files = {dir.file("t.model")},
            .version = "test"};
  }
  std::string text(const std::string& name) const { return std::string(as_text(read_file(dir.file(name)))); }

  TrainConfig config;
  TempDir dir;
};

}  // namespace golf::test
