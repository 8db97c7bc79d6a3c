#include "made_submission.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <numbers>
#include <set>

#include "golf/artifact/submission/submission_checks.h"

namespace golf::test {

double MadeLog::bits() const { return bpb != 0 ? bpb : loss / (std::numbers::ln2 * 2.436); }

std::string MadeLog::text() const {
  const std::string rule(100, '=');
  std::string log;
  if (!source.empty()) log += source + rule + "\n";
  log += "Running Python 3.12.3\n| NVIDIA-SMI 565.57.01   Driver Version: 565.57.01   CUDA Version: 12.7 |\n";
  for (int i = 0; i < 8; ++i)
    log += fmt::format("|   {}  NVIDIA {}          On  |   00000000:18:00.0 Off |\n", i, gpu);
  log += rule + "\n";
  log +=
      "val_bpb:enabled tokenizer_kind=sentencepiece "
      "tokenizer_path=./data/tokenizers/fineweb_1024_bpe.model\n";
  log += fmt::format("train_loader:dataset:fineweb10B_sp1024 train_shards:{}\n", shards);
  log += fmt::format("val_loader:shards pattern=./data/fineweb_val_*.bin tokens:{}\n", val_tokens);
  log += fmt::format("model_params:{}\nworld_size:{} grad_accum_steps:1\n", params, world_size);
  log += fmt::format("tie_embeddings:True matrix_lr:{}\n", matrix_lr);
  log += fmt::format(
      "train_batch_tokens:524288 train_seq_len:1024 iterations:20000 max_wallclock_seconds:{}\n", cap);
  log += fmt::format("seed:{}\n", seed);
  log += "step:10/20000 train_loss:5.1 train_time:435ms step_avg:43.54ms\n";
  log += fmt::format("step:{}/20000 val_loss:2.0606 val_bpb:1.2203 train_time:{:.0f}ms step_avg:{:.2f}ms\n",
                     steps, train_ms, step_ms);
  log += fmt::format("stopping_early: wallclock_cap train_time:{:.0f}ms step:{}/20000\n", train_ms, steps);
  if (has_sizes) {
    log += fmt::format("Serialized model: 67224983 bytes\nCode size: {} bytes\n", code_bytes);
    log += fmt::format("Total submission size: {} bytes\n", 67224983 + code_bytes);
    log += fmt::format("Serialized model int8+zlib: {} bytes (payload:17178912)\n", model_bytes);
    log += fmt::format("Total submission size int8+zlib: {} bytes\n",
                       total_bytes != 0 ? total_bytes : model_bytes + code_bytes);
  }
  if (has_result) {
    log += fmt::format("final_int8_zlib_roundtrip val_loss:{:.4f} val_bpb:{:.4f} eval_time:{:.0f}ms\n", loss,
                       bits(), eval_ms);
    log += fmt::format("final_int8_zlib_roundtrip_exact val_loss:{:.8f} val_bpb:{:.8f} eval_time:{:.0f}ms\n",
                       loss, bits(), eval_ms);
  }
  return log + extra;
}

MadeSubmission::MadeSubmission() {
  double loss = 0, bpb = 0;
  for (int64_t seed = 1; seed <= 3; ++seed) {
    logs.push_back({.seed = seed, .loss = 2.07 + 0.001 * static_cast<double>(seed)});
    loss += logs.back().loss / 3;
    bpb += logs.back().bits() / 3;
  }
  record = {{"author", R"("somebody")"},
            {"github_id", R"("some-body")"},
            {"name", R"("A name")"},
            {"date", R"("2026-04-01")"},
            {"val_bpb", fmt::format("{:.8f}", bpb)},
            {"val_loss", fmt::format("{:.8f}", loss)},
            {"bytes_total", fmt::format("{}", 15'900'000 + script.size())}};
  files = {{"README.md", "# What is new\n"}};
}

std::string MadeSubmission::write(const TempDir& folder) const {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(folder.path()) / "records" / track / name;
  std::map<std::string, std::string> all = {{"train_gpt.py", script}};
  std::string json = "{\n";
  for (const auto& [key, value] : record)
    json += fmt::format("{}\"{}\": {}", json.size() > 2 ? ",\n" : "", key, value);
  all["submission.json"] = json + "\n}\n";
  for (MadeLog log : logs) {
    const std::string file = fmt::format("train_seed{}.log", log.seed);
    if (log.code_bytes == 0) log.code_bytes = static_cast<int64_t>(script.size());
    all[file] = log.text();
  }
  for (const auto& [file, text] : files) all[file] = text;
  for (const std::string& file : removed) all.erase(file);
  fs::create_directories(path);
  for (const auto& [file, text] : all) {
    fs::create_directories((path / file).parent_path());
    std::ofstream(path / file, std::ios::binary) << text;
  }
  return path.string();
}

std::vector<std::string> found_ids(const MadeSubmission& submission) {
  const TempDir folder;
  const Submission read = read_submission(submission.write(folder));
  std::set<std::string> ids;
  for (const Finding& finding : check_submission(read, KnownData::load())) ids.emplace(finding.check->id);
  return {ids.begin(), ids.end()};
}

std::string base85(const std::string& bytes) {
  constexpr std::string_view kAlphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  std::string text;
  for (size_t first = 0; first < bytes.size(); first += 4) {
    uint64_t value = 0;
    for (size_t i = 0; i < 4; ++i) {
      value = value * 256 + (first + i < bytes.size() ? static_cast<uint8_t>(bytes[first + i]) : 0);
    }
    std::string group(5, ' ');
    for (size_t i = 5; i-- > 0; value /= 85) group[i] = kAlphabet[value % 85];
    text += group.substr(0, std::min<size_t>(4, bytes.size() - first) + 1);
  }
  return text;
}

std::string wrapped(const std::string& module, const std::string& encoded, const std::string& arguments) {
  return fmt::format("import {} as C,base64 as B\nexec(C.decompress(B.b85decode(\"{}\"){}))\n", module,
                     encoded, arguments);
}

}  // namespace golf::test
