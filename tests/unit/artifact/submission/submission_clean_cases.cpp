// Submissions that nothing is wrong with, in all forms that logs and scripts have.
#include <fmt/format.h>

#include "golf/artifact/encode/codec.h"
#include "submission_cases.h"

namespace golf::test {

void set_script(MadeSubmission& made, const std::string& script) {
  made.script = script;
  made.record["bytes_total"] = fmt::format("{}", 15'900'000 + script.size());
}

std::string packed(const char* codec, const std::string& text) {
  return base85(std::string(as_text(encode(parse_codec(codec), as_bytes(text)))));
}

const std::string& long_source() {
  static const std::string source = [] {
    std::string text = "import torch\n";
    uint32_t state = 1;
    for (int i = 0; i < 60; ++i)
      text += fmt::format("value_{} = {}\n", i, state = state * 1664525 + 1013904223);
    return text;
  }();
  return source;
}

const std::vector<Case> kClean = {
    {"Upstream", {}, [](MadeSubmission&) {}},
    {"OtherTrack",
     {},
     [](MadeSubmission& made) {
       made.track = "track_non_record_16mb";
       made.logs.resize(1);
       made.logs[0].gpu = "GeForce RTX 4090";
       made.logs[0].world_size = 1;
       made.logs[0].cap = "14400.000";
       made.logs[0].train_ms = 14'400'000;
       made.logs[0].step_ms = 1044.99;
       made.logs[0].eval_ms = 900'000;
       made.record["val_bpb"] = fmt::format("{:.4f}", made.logs[0].bits());
       made.record["val_loss"] = fmt::format("{:.4f}", made.logs[0].loss);
     }},
    {"RoundedScore",
     {},
     [](MadeSubmission& made) {
       made.record["val_bpb"] = fmt::format("{:.4f}", made.logs[1].bits());
       made.record.erase("val_loss");
     }},
    {"ScoreInName",
     {},
     [](MadeSubmission& made) { made.name = fmt::format("2026-04-01_Clean_{:.4f}", made.logs[1].bits()); }},
    {"SeedResults",
     {},
     [](MadeSubmission& made) {
       made.record["seed_results"] =
           fmt::format(R"({{"2": {{"val_bpb": {:.6f}, "steps": 13780, "artifact_bytes": {}}}}})",
                       made.logs[1].bits(), 15'900'000 + made.script.size());
     }},
    {"SourceInLogs",
     {},
     [](MadeSubmission& made) {
       set_script(
           made, "import os\nimport sys\n\ndef main():\n    print(f\"val_bpb:{0}\")\nval_bpb:9.0\nseed:77\n");
       each_log(made, [&](MadeLog& log) { log.source = made.script; });
     }},
    {"CodeInComments",
     {},
     [](MadeSubmission& made) {
       set_script(made,
                  "\"\"\"SLOT_STEPS, two_pass = 1, ppm_mix\nimport requests\n\"\"\"\nimport torch  # "
                  "exec(open(\"x\"))\n");
     }},
    {"CrlfEverywhere",
     {},
     [](MadeSubmission& made) {
       std::string text;
       MadeLog log = made.logs[0];
       log.code_bytes = static_cast<int64_t>(made.script.size());
       for (const char c : log.text()) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
       made.files["train_seed1.log"] = text;
     }},
    {"TimeStamps",
     {},
     [](MadeSubmission& made) {
       std::string text = "1776142361.633 ";
       MadeLog log = made.logs[0];
       log.code_bytes = static_cast<int64_t>(made.script.size());
       const std::string plain = log.text();
       for (size_t i = 0; i < plain.size(); ++i) {
         text += plain[i];
         if (plain[i] == '\n' && i + 1 < plain.size()) text += "1776142361.633 ";
       }
       made.files["train_seed1.log"] = text;
     }},
    {"OtherTexts",
     {},
     [](MadeSubmission& made) {
       made.files["notes.txt"] = "seed:42 and nothing else\n";
       made.files["requirements.txt"] = "numpy\n";
       made.files["data/table.tsv"] = "1\t2\n";
     }},
    {"LocalModuleCounted",
     {},
     [](MadeSubmission& made) {
       made.files["helper.py"] = "x = 1\n";
       made.script = "import torch\nimport helper\n";
       each_log(made, [&](MadeLog& log) { log.code_bytes = static_cast<int64_t>(made.script.size()) + 6; });
       made.record["bytes_total"] = fmt::format("{}", 15'900'000 + made.script.size() + 6);
     }},
    {"KnownPackage",
     {},
     [](MadeSubmission& made) {
       set_script(made, "import torch, numpy as np\nimport zstandard\nfrom flash_attn_interface import f\n");
       made.files["requirements.txt"] = "zstandard==0.23\nflash-attn\n";
     }},
    {"CopyOfASeedsLog",
     {},
     [](MadeSubmission& made) {
       MadeLog log = made.logs[0];
       log.code_bytes = static_cast<int64_t>(made.script.size());
       made.files["train.log"] = log.text();
     }},
    {"SourceBehindHyperparameters",
     {},
     [](MadeSubmission& made) {
       set_script(made, "import os\nimport sys\n\ndef main():\n    pass\n");
       each_log(made, [&](MadeLog& log) {
         log.source = "W0329 17:58 torch\nHyperparameters:\n  a: 1\n" + made.script;
       });
     }},
    {"OtherFirstLosses",
     {},
     [](MadeSubmission& made) {
       for (MadeLog& log : made.logs) {
         MadeLog copy = log;
         copy.code_bytes = static_cast<int64_t>(made.script.size());
         const std::string first =
             fmt::format("step:0/20000 val_loss:6.93{} val_bpb:4.1 train_time:0ms step_avg:0.0{}ms\n",
                         log.seed, log.seed);
         std::string text = copy.text();
         made.files[fmt::format("train_seed{}.log", log.seed)] = text.insert(text.find("step:10/"), first);
       }
     }},
    {"ResultInAnotherUnit",
     {},
     [](MadeSubmission& made) {
       made.logs.push_back({.seed = 4, .extra = "final_roundtrip diffusion_bpb:1.9\n", .has_result = false});
     }},
    {"RoundedSize",
     {},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) {
         log.has_sizes = false;
         log.extra = "artifact:15.92MB ternary:64880640(14237274B) code:70853\n";
       });
     }},
    {"FiguresThatAreNoSettings",
     {},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) { log.cap += fmt::format(" norm:0.11{}", log.seed); });
     }},
    {"SeedAmongTheSettings",
     {},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) { log.cap += fmt::format(" RUN_SEED={}", log.seed); });
     }},
    {"SizeTwice",
     {},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) { log.extra = "Serialized model int8+zlib: 15900000 bytes\n"; });
     }},
};

}  // namespace golf::test
