// The readers of submissions: logs, scripts with what is wrapped in them, submission.json. None of them
// refuses its input, so nothing at all may be thrown.
#include <algorithm>

#include "fuzz/harness.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/submission/submission_log.h"
#include "golf/artifact/submission/submission_record.h"
#include "golf/artifact/submission/submission_script.h"

namespace golf::fuzz {
namespace {

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

void run_log(ByteView input) {
  const std::string_view text = as_text(input);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  const SubmissionLog log = read_submission_log(text, "fuzz");
  for (const LoggedScore& score : log.scores) {
    expect(score.line >= 1 && score.line <= lines, "a score stands on a line of the log");
    expect(score.bpb - score.bpb == 0, "a score is finite");
  }
  for (const LoggedSize& size : log.sizes) expect(size.bytes >= 0, "a size is not negative");
  expect(log.total() == nullptr || log.total()->kind == LoggedSize::Kind::kTotal, "a total is one");
}

std::vector<Bytes> log_seeds() {
  const std::string rule(100, '=');
  return {
      bytes_of("import os\nimport sys\ndef main():\n    pass\n" + rule +
               "\n|   0  NVIDIA H100 80GB HBM3          On  |\n" + rule +
               "\nval_bpb:enabled tokenizer_path=./fineweb_1024_bpe.model\ntrain_loader:x train_shards:80\n"
               "val_loader:x tokens:62021632\nworld_size:8 grad_accum_steps:1\nseed:1337\n"
               "step:100/20000 train_loss:2.1 train_time:4354ms step_avg:43.54ms\n"
               "Serialized model int8+zlib: 15815847 bytes (payload:1)\nCode size: 47642 bytes\n"
               "Total submission size int8+zlib: 15863489 bytes\n"
               "final_int8_zlib_roundtrip_exact val_loss:2.07269931 val_bpb:1.22436570\n"),
      bytes_of("Hyperparameters:\n  matrix_lr: 0.02\n  seed: 0\n1776142361.633 4500/20000 train_loss: 2.8 "
               "train_time: 8.7m tok/s: 6808105\nquantized val_loss:2.3 val_bpb:1.06 eval_time:455128ms\n"
               "total_eval_time:455.1s\nCode size (compressed): 12,345 bytes\n")};
}

void run_script(ByteView input) {
  const SubmissionScript script = read_submission_script(as_text(input), "fuzz");
  const auto lines = static_cast<int64_t>(script.lines.size()) + 1;
  expect(script.shipped_bytes == input.size(), "the size is the file's");
  expect(script.source.size() <= std::max<uint64_t>(input.size(), limits::kUnpackedScriptBytes),
         "no bomb goes off");
  for (const ScriptPlace& place : script.imports) {
    expect(!place.text.empty() && place.line >= 1 && place.line <= lines, "an import stands on a line");
  }
}

std::vector<Bytes> script_seeds() {
  // Only whole groups of base64: what the end lacks, zlib reports.
  std::string text(600, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * i % 23);
  const Bytes packed = encode(parse_codec("zlib:9"), as_bytes("x = '" + text + "'\n"));
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (size_t i = 0; i + 2 < packed.size(); i += 3) {
    const auto value = std::to_integer<uint32_t>(packed[i]) << 16 |
                       std::to_integer<uint32_t>(packed[i + 1]) << 8 |
                       std::to_integer<uint32_t>(packed[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) encoded += kDigits[value >> shift & 63U];
  }
  return {bytes_of("\"\"\"doc\"\"\"\nimport os, numpy.linalg as n\nfrom .near import x  # why\n"
                   "s = r'a\\'b' \"c\"\nexec(open('y.py').read())\n"),
          bytes_of("import zlib,base64\nexec(zlib.decompress(base64.b64decode('" + encoded + "')))\n"),
          bytes_of("import lzma as L,base64 as B\nexec(L.decompress(B.b85decode(\"" + std::string(300, '0') +
                   "\"),format=L.FORMAT_RAW,filters=[{\"id\":L.FILTER_LZMA2}]))\n")};
}

void run_record(ByteView input) {
  const SubmissionRecord record(as_text(input), "fuzz");
  expect(record.problem().empty() || record.fields().empty(), "what is no JSON object has no fields");
  for (const FoundField& field : record.fields()) {
    expect(field.value != nullptr && record.find(field.field->name) != nullptr,
           "a field is found by its name");
    field.number();
  }
}

std::vector<Bytes> record_seeds() {
  return {bytes_of(R"({"author": "a", "val_bpb": "1.2", "mean_val_loss": 2.07, "bytes_total": 15863489,
                     "seed_results": {"1": {"val_bpb": 1.2, "steps": 10}, "seed_2": 1.3}})"),
          bytes_of(R"({"val_bpb": null, "bpb": 1.1, "seeds": [{"seed": 3, "artifact_bytes": 5}, 4]})")};
}

}  // namespace

const Harness kSubmissionLog = {.name = "submission_log", .run = run_log, .seeds = log_seeds};
const Harness kSubmissionScript = {.name = "submission_script", .run = run_script, .seeds = script_seeds};
const Harness kSubmissionRecord = {.name = "submission_record", .run = run_record, .seeds = record_seeds};

}  // namespace golf::fuzz
