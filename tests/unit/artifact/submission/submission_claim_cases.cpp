// Sizes, scores and files: one thing wrong each.
#include <fmt/format.h>

#include "submission_cases.h"

namespace golf::test {

const std::vector<Case> kSizes = {
    {"OverByAByte",
     {"PG101"},
     [](MadeSubmission& made) {
       made.logs[1].model_bytes = 16'000'001 - static_cast<int64_t>(made.script.size());
     }},
    {"OverOnTheCap",
     {"PG103"},
     [](MadeSubmission& made) {
       made.logs[1].model_bytes = 16'000'000 - static_cast<int64_t>(made.script.size());
     }},
    {"UnderInMebibytes", {"PG101"}, [](MadeSubmission& made) { made.logs[2].model_bytes = 16'700'000; }},
    {"RoundedOver",
     {"PG112"},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) { log.has_sizes = false; });
       made.logs[0].extra = "artifact:16.01MB code:70853\n";
       made.logs[1].extra = "artifact:15.27MiB code:70853\n";
       made.logs[2].extra = "artifact: 16.00 MB\n";
     }},
    {"JsonOver", {"PG102", "PG107"}, [](MadeSubmission& made) { made.record["bytes_total"] = "16500000"; }},
    {"JsonSeedOver",
     {"PG102", "PG111"},
     [](MadeSubmission& made) {
       made.record["seed_results"] = R"([{"seed": 1, "artifact_bytes": 17000000}])";
     }},
    {"OtherCodeSize",
     {"PG104"},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) { log.code_bytes = 50'000; });
       made.record["bytes_total"] = "15950000";
     }},
    {"CountsUnpacked",
     {"PG105", "PG506"},
     [](MadeSubmission& made) {
       made.script = wrapped("lzma", packed("lzma:9", long_source()));
       each_log(made, [](MadeLog& log) { log.code_bytes = static_cast<int64_t>(long_source().size()); });
       made.record["bytes_total"] = fmt::format("{}", 15'900'000 + long_source().size());
     }},
    {"NotTheSum",
     {"PG106", "PG107"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.total_bytes = 15'000'000; }); }},
    {"JsonOtherTotal", {"PG107"}, [](MadeSubmission& made) { made.record["bytes_total"] = "15000000"; }},
    {"JsonOtherCode", {"PG108"}, [](MadeSubmission& made) { made.record["bytes_code"] = "1234"; }},
    {"JsonRightCode",
     {},
     [](MadeSubmission& made) { made.record["bytes_code"] = std::to_string(made.script.size()); }},
    {"ShippedOver",
     {"PG104", "PG109"},
     [](MadeSubmission& made) {
       made.script = "import torch\n" + std::string(200'000, '\n');
       each_log(made, [](MadeLog& log) { log.code_bytes = 80'000; });
       made.record["bytes_total"] = "15980000";
     }},
    {"NoSize",
     {"PG110"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.has_sizes = false; }); }},
    {"SeedBytes",
     {"PG111"},
     [](MadeSubmission& made) { made.record["seed_results"] = R"({"seed_1": {"bytes_total": 15000000}})"; }},
};

const std::vector<Case> kScores = {
    {"OtherScore",
     {"PG201"},
     [](MadeSubmission& made) {
       made.record["val_bpb"] = "1.11111111";
       made.record.erase("val_loss");
     }},
    {"OtherLoss",
     {"PG202"},
     [](MadeSubmission& made) {
       made.record.erase("val_bpb");
       made.record["mean_val_bpb"] = "null";
       made.record["val_bpb"] = fmt::format("{:.8f}", made.logs[0].bits());
       made.record.erase("mean_val_bpb");
       made.record["val_loss"] = "2.0751";
     }},
    {"SeedScore",
     {"PG203"},
     [](MadeSubmission& made) { made.record["seed_results"] = R"({"2": {"val_bpb": 1.1}})"; }},
    {"CannotBothBeTrue", {"PG202", "PG204"}, [](MadeSubmission& made) { made.record["val_loss"] = "1.9"; }},
    {"UnknownTokenizer",
     {"PG205"},
     [](MadeSubmission& made) {
       double bpb = 0;
       each_log(made, [&](MadeLog& log) {
         log.bpb = log.loss / (0.693147 * 2.9);
         bpb += log.bpb / 3;
         log.extra = "";
       });
       made.record["val_bpb"] = fmt::format("{:.8f}", bpb);
       for (MadeLog& log : made.logs) {
         std::string text = [&] {
           MadeLog copy = log;
           copy.code_bytes = static_cast<int64_t>(made.script.size());
           return copy.text();
         }();
         const size_t at = text.find("fineweb_1024_bpe");
         text.replace(at, 16, "other_tokenizer_");
         made.files[fmt::format("train_seed{}.log", log.seed)] = text;
       }
     }},
    {"OtherTokenizersRatio",
     {"PG205", "PG206"},
     [](MadeSubmission& made) {
       double bpb = 0;
       each_log(made, [&](MadeLog& log) { bpb += (log.bpb = 0.96 * log.bits()) / 3; });
       made.record["val_bpb"] = fmt::format("{:.8f}", bpb);
     }},
    {"NameScore", {"PG207"}, [](MadeSubmission& made) { made.name = "2026-04-01_Clean_1.1111"; }},
    {"BeforePacking",
     {"PG208"},
     [](MadeSubmission& made) {
       made.record["val_bpb"] = "1.2203";
       made.record["val_loss"] = "2.0606";
     }},
    {"LossIsBits", {"PG209"}, [](MadeSubmission& made) { made.record["val_loss"] = made.record["val_bpb"]; }},
};

const std::vector<Case> kFiles = {
    {"NoJson", {"PG301"}, [](MadeSubmission& made) { made.removed = {"submission.json"}; }},
    {"JsonByOtherName",
     {"PG302"},
     [](MadeSubmission& made) {
       made.removed = {"submission.json"};
       made.files["submission_mine.json"] =
           fmt::format(R"({{"author": "a", "github_id": "b", "name": "c", "date": "d", "val_bpb": {}}})",
                       made.record["val_bpb"]);
     }},
    {"BadJson", {"PG303"}, [](MadeSubmission& made) { made.record["blurb"] = "oops"; }},
    {"JsonList", {"PG303"}, [](MadeSubmission& made) { made.files["submission.json"] = "[1, 2]\n"; }},
    {"JsonTooDeep",
     {"PG303"},
     [](MadeSubmission& made) { made.files["submission.json"] = std::string(5000, '['); }},
    {"JsonNan", {"PG303"}, [](MadeSubmission& made) { made.record["p_value"] = "NaN"; }},
    {"JsonTwice",
     {"PG303"},
     [](MadeSubmission& made) { made.files["submission.json"] = R"({"name": "a", "name": "b"})"; }},
    {"MissingFields",
     {"PG304"},
     [](MadeSubmission& made) {
       made.record.erase("author");
       made.record.erase("val_bpb");
     }},
    {"Synonym",
     {"PG305"},
     [](MadeSubmission& made) {
       made.record["mean_val_bpb"] = made.record["val_bpb"];
       made.record.erase("val_bpb");
     }},
    {"Null", {"PG306"}, [](MadeSubmission& made) { made.record["val_bpb"] = "null"; }},
    {"NullWithSynonym",
     {"PG305"},
     [](MadeSubmission& made) {
       made.record["mean_val_bpb"] = made.record["val_bpb"];
       made.record["val_bpb"] = "null";
     }},
    {"NumberAsText",
     {"PG307"},
     [](MadeSubmission& made) { made.record["val_bpb"] = '"' + made.record["val_bpb"] + '"'; }},
    {"NameAsNumber", {"PG307"}, [](MadeSubmission& made) { made.record["name"] = "5"; }},
    {"FractionOfAByte",
     {"PG107", "PG307"},
     [](MadeSubmission& made) { made.record["bytes_total"] = "15.9"; }},
    {"NoReadme", {"PG308"}, [](MadeSubmission& made) { made.removed = {"README.md"}; }},
    {"NoScript", {"PG309"}, [](MadeSubmission& made) { made.removed = {"train_gpt.py"}; }},
    {"ScriptByOtherName",
     {"PG310"},
     [](MadeSubmission& made) {
       made.removed = {"train_gpt.py"};
       made.files["train_gpt_v5.py"] = made.script;
     }},
    {"NoLog", {"PG311"}, [](MadeSubmission& made) { made.logs.clear(); }},
};

}  // namespace golf::test
