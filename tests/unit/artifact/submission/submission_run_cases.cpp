// Runs, seeds, code, marks and data: one thing wrong each.
#include <fmt/format.h>

#include "submission_cases.h"

namespace golf::test {

const std::vector<Case> kRuns = {
    {"TrainsTooLong",
     {"PG401"},
     [](MadeSubmission& made) {
       made.logs[0].train_ms = 700'000;
       made.logs[0].step_ms = 50.8;
     }},
    {"EvaluatesTooLong", {"PG402"}, [](MadeSubmission& made) { made.logs[0].eval_ms = 600'001; }},
    {"EvaluatesTooLongInAll",
     {"PG402"},
     [](MadeSubmission& made) { made.logs[0].extra = "total_eval_time:712.5s\n"; }},
    {"LongerCap",
     {"PG403", "PG453"},
     [](MadeSubmission& made) {
       set_script(made, "import os\ncap = os.environ.get('MAX_WALLCLOCK_SECONDS')\n");
       made.logs[2].cap = "1200.000";
     }},
    {"FewerProcesses",
     {"PG404"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.world_size = 4; }); }},
    {"OtherGpu", {"PG405"}, [](MadeSubmission& made) { made.logs[0].gpu = "A100-SXM4-80GB"; }},
    {"OtherFormOfH100", {"PG405"}, [](MadeSubmission& made) { made.logs[0].gpu = "H100 PCIe"; }},
    {"TooManySteps", {"PG406"}, [](MadeSubmission& made) { made.logs[0].steps = 19'000; }},
    {"JsonOtherSteps", {"PG407"}, [](MadeSubmission& made) { made.record["step_stop"] = "10070"; }},
    {"SeedOtherSteps",
     {"PG407"},
     [](MadeSubmission& made) { made.record["seed_results"] = R"({"1": {"steps": 10070}})"; }},
    {"NoResult",
     {"PG408"},
     [](MadeSubmission& made) { made.logs.push_back({.seed = 4, .has_result = false}); }},
    {"NotFinite",
     {"PG409"},
     [](MadeSubmission& made) {
       made.logs[0].extra = "step:13781/20000 train_loss:nan train_time:600040ms step_avg:43.54ms\n";
     }},
    {"OtherParameters", {"PG410"}, [](MadeSubmission& made) { made.record["model_params"] = "26501720"; }},
    {"OtherSource",
     {"PG411"},
     [](MadeSubmission& made) {
       made.logs[0].source = "import torch\nimport sys\nimport os\nprint('other')\n";
     }},
};

const std::vector<Case> kSeeds = {
    {"FewSeeds",
     {"PG451"},
     [](MadeSubmission& made) {
       made.logs.resize(2);
       made.record["val_bpb"] = fmt::format("{:.8f}", made.logs[0].bits());
       made.record["val_loss"] = fmt::format("{:.8f}", made.logs[0].loss);
     }},
    {"SeedOfOtherName",
     {"PG452"},
     [](MadeSubmission& made) {
       MadeLog log = made.logs[2];
       log.seed = 7;
       log.code_bytes = static_cast<int64_t>(made.script.size());
       made.files["train_seed3.log"] = log.text();
     }},
    {"OtherRate",
     {"PG453"},
     [](MadeSubmission& made) {
       set_script(made, "import os\nlr = os.environ.get('MATRIX_LR', 0.04)\n");
       made.logs[1].matrix_lr = "0.02";
     }},
    {"OtherShards", {"PG453"}, [](MadeSubmission& made) { made.logs[1].shards = 143; }},
    {"OtherModel", {"PG453"}, [](MadeSubmission& made) { made.logs[1].params = 20'000'000; }},
    {"SameLog",
     {"PG201", "PG451", "PG452", "PG454"},
     [](MadeSubmission& made) {
       MadeLog log = made.logs[0];
       log.code_bytes = static_cast<int64_t>(made.script.size());
       made.files["train_seed2.log"] = log.text();
     }},
    {"NoLogOfSeed",
     {"PG455"},
     [](MadeSubmission& made) { made.record["seed_results"] = R"([{"seed": 99}])"; }},
    {"SameResult",
     {"PG456"},
     [](MadeSubmission& made) {
       each_log(made, [](MadeLog& log) { log.loss = 2.0727; });
       made.record["val_loss"] = "2.0727";
       made.record["val_bpb"] = fmt::format("{:.8f}", made.logs[0].bits());
     }},
};

const std::vector<Case> kCode = {
    {"LocalModule",
     {"PG501"},
     [](MadeSubmission& made) {
       set_script(made, "import torch\nimport helper as h\n");
       made.files["helper.py"] = "x = 1\n";
     }},
    {"LocalModuleOfAModule",
     {"PG501"},
     [](MadeSubmission& made) {
       set_script(made, "import torch\nfrom helper import x\n");
       made.files["helper.py"] = "import more\n";
       made.files["more.py"] = "x = 1\n";
     }},
    {"RunsAFile",
     {"PG501", "PG502"},
     [](MadeSubmission& made) {
       set_script(made, "exec(open(__file__.replace('train_gpt.py', 'train_gpt_decode.py')).read())\n");
       made.files["train_gpt_decode.py"] = "import torch\n";
     }},
    {"RunsAFileOverCap",
     {"PG109", "PG501", "PG502"},
     [](MadeSubmission& made) {
       set_script(made, "exec(compile(open('body.py').read(), 'body.py', 'exec'))\n");
       made.files["body.py"] = "import torch\n" + std::string(150'000, '#');
     }},
    {"Companion",
     {"PG503"},
     [](MadeSubmission& made) {
       set_script(made, "import numpy as np\ntable = np.load('./priors.npy')\n");
       made.files["priors.npy"] = std::string(100, 'x');
     }},
    {"Tokenizer", {"PG504"}, [](MadeSubmission& made) { made.files["tokenizers/own.model"] = "x"; }},
    {"Package", {"PG505"}, [](MadeSubmission& made) { set_script(made, "import torch, mamba_ssm\n"); }},
    {"WrappedLzma",
     {"PG506"},
     [](MadeSubmission& made) { set_script(made, wrapped("lzma", packed("lzma:9", long_source()))); }},
    {"WrappedZlib",
     {"PG506"},
     [](MadeSubmission& made) { set_script(made, wrapped("zlib", packed("zlib:9", long_source()))); }},
    {"WrappedBrotli",
     {"PG505", "PG506"},
     [](MadeSubmission& made) {
       set_script(made, wrapped("brotli", packed("brotli:11", "import brotli\n" + long_source())));
     }},
    {"WrappedTwice",
     {"PG506", "PG508"},
     [](MadeSubmission& made) {
       const std::string inner = wrapped("zlib", packed("zlib:9", "import requests\n" + long_source()));
       set_script(made, wrapped("lzma", packed("lzma:9", inner)));
       made.files["requirements.txt"] = "requests\n";
     }},
    {"WrapperDamaged",
     {"PG507"},
     [](MadeSubmission& made) { set_script(made, wrapped("lzma", std::string(500, 'A'))); }},
    {"Network",
     {"PG508"},
     [](MadeSubmission& made) { set_script(made, "import torch\nfrom urllib.request import urlopen\n"); }},
    {"Program",
     {"PG509"},
     [](MadeSubmission& made) {
       set_script(made,
                  "import subprocess\nsubprocess.run(['gcc', 'x.c'])\nsubprocess.run(['nvidia-smi'])\n");
     }},
    {"Fallback",
     {"PG510"},
     [](MadeSubmission& made) {
       set_script(made,
                  "import zlib\ntry:\n    import zstandard\nexcept ImportError:\n    zstandard = None\n");
       made.files["requirements.txt"] = "zstandard\n";
     }},
};

const std::vector<Case> kMarks = {
    {"TargetInKey",
     {"PG601"},
     [](MadeSubmission& made) {
       set_script(made, "import torch\nkey = ((ctx_hash ^ (tgt_np * primes[2])) & mask)\n");
     }},
    {"BeforeQuantization",
     {"PG602"},
     [](MadeSubmission& made) { set_script(made, "import torch\nprequant_ttt_epochs = 4\n"); }},
    {"Slot",
     {"PG603"},
     [](MadeSubmission& made) { set_script(made, "import os\nn = int(os.environ.get('SLOT_STEPS', 8))\n"); }},
    {"SlotInWrapper",
     {"PG506", "PG603"},
     [](MadeSubmission& made) {
       set_script(made, wrapped("zlib", packed("zlib:9", long_source() + "slot_lr = 0.1\n")));
     }},
    {"CalibratedOnValidation",
     {"PG604"},
     [](MadeSubmission& made) {
       set_script(made, "import torch\nhessians = collect_hessians(model, val_tokens)\n");
     }},
    {"TwoPasses",
     {"PG605"},
     [](MadeSubmission& made) { set_script(made, "import torch\nloss = eval_two_pass(model)\n"); }},
    {"Ppm", {"PG606"}, [](MadeSubmission& made) { set_script(made, "import torch\nppm_order = 5\n"); }},
    {"TrainsOnValidation",
     {"PG607"},
     [](MadeSubmission& made) { set_script(made, "import torch\ntrain_on_val = True\n"); }},
    {"Prefix",
     {"PG608"},
     [](MadeSubmission& made) { set_script(made, "import torch\nprefix_blob = b''\n"); }},
};

const std::vector<Case> kData = {
    {"ValidationInTraining",
     {"PG701"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.shards = 1499; }); }},
    {"FewShards",
     {"PG702"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.shards = 25; }); }},
    {"CutValidation",
     {"PG703"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.val_tokens = 9'662'464; }); }},
    {"OtherValidation",
     {"PG704"},
     [](MadeSubmission& made) { each_log(made, [](MadeLog& log) { log.val_tokens = 63'779'840; }); }},
    {"Preparation",
     {"PG705"},
     [](MadeSubmission& made) {
       made.files["prepare_data.py"] =
           "import argparse\nap.add_argument(\n    '--val-docs',\n    type=int, default=10_000)\n";
     }},
    {"PreparationSetRight",
     {},
     [](MadeSubmission& made) {
       made.files["prepare_data.py"] =
           "import argparse\nap.add_argument('--val-docs', type=int, default=50_000)\n";
     }},
};

}  // namespace golf::test
