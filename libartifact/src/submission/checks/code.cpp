// The code as shipped: what it runs besides itself, what it is wrapped in, what it needs.
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "golf/artifact/base/text.h"
#include "submission/check_tools.h"
#include "submission/python_modules.h"

namespace golf {
namespace {

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return low;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Whether a log counts all the code that runs.
bool all_code_is_counted(const Submission& submission) {
  const int64_t all = reached_bytes(submission);
  return std::any_of(submission.logs.begin(), submission.logs.end(), [&](const SubmissionLog& log) {
    return std::any_of(log.sizes.begin(), log.sizes.end(), [&](const LoggedSize& size) {
      return size.kind == LoggedSize::Kind::kCode && size.bytes == all;
    });
  });
}

void local_code(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.reached.size() < 2 || all_code_is_counted(submission)) return;
  for (const SubmissionScript* other : submission.reached) {
    if (other == submission.main) continue;
    const std::string stem = other->file.substr(0, other->file.size() - 3);
    // Where the main script names it; a module that another one imports has no line there.
    int64_t line = 0;
    for (const ScriptPlace& module : submission.main->imports) {
      if (line == 0 && (module.text == stem || module.text == "." + stem)) line = module.line;
    }
    for (const ScriptPlace& string : submission.main->strings) {
      if (line == 0 && string.text.ends_with(other->file)) line = string.line;
    }
    report.add(fmt::format("{} bytes of {} run as well; no log counts all {} bytes of code that run",
                           grouped(static_cast<int64_t>(other->shipped_bytes)), other->file,
                           grouped(reached_bytes(submission))),
               submission.main->file, line);
  }
}

void runs_files(const CheckContext& context, CheckReport& report) {
  for (const SubmissionScript* script : context.submission.reached) {
    for (const ScriptPlace& call : script->runs_files) {
      report.add("runs what it reads from a file: " + printable(call.text, 120), script->file, call.line);
    }
  }
}

/// Files that a submission has for readers, not for the script.
bool is_for_readers(const FolderFile& file) {
  const std::string ending = file.extension(), name = lower(file.base_name());
  constexpr std::array<std::string_view, 9> kEndings = {".py",  ".md",  ".log",   ".sh",   ".png",
                                                        ".svg", ".pdf", ".model", ".vocab"};
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end() ||
         name.starts_with("submission") || name == "requirements.txt" ||
         (ending == ".txt" && has(name, "log")) || ending.empty();
}

void companions(const CheckContext& context, CheckReport& report) {
  for (const FolderFile& file : context.submission.folder.files) {
    if (is_for_readers(file)) continue;
    bool found = false;
    for (const SubmissionScript* script : context.submission.reached) {
      for (const ScriptPlace& string : script->strings) {
        const std::string_view text = string.text;
        const size_t slash = text.rfind('/');
        if (found || text.substr(slash == std::string_view::npos ? 0 : slash + 1) != file.base_name())
          continue;
        found = true;
        report.add(fmt::format("names {} ({} bytes) of the folder", file.name,
                               grouped(static_cast<int64_t>(file.bytes))),
                   script->file, string.line);
      }
    }
  }
}

void tokenizer(const CheckContext& context, CheckReport& report) {
  for (const FolderFile& file : context.submission.folder.files) {
    if (file.extension() != ".model") continue;
    report.add(fmt::format("{} bytes of a tokenizer, which the total does not count by custom",
                           grouped(static_cast<int64_t>(file.bytes))),
               file.name);
  }
}

void packages(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  std::string told;  // where a package may be named
  for (const FolderFile& file : submission.folder.files) {
    const std::string name = lower(file.base_name());
    if (name == "requirements.txt" || name.starts_with("readme") || file.extension() == ".sh")
      told += lower(file.text());
  }
  std::replace(told.begin(), told.end(), '_', '-');
  std::set<std::string> seen;
  for (const SubmissionScript* script : submission.reached) {
    for (const ScriptPlace& module : script->imports) {
      if (module.text.starts_with('.') || is_provided_module(module.text) || !seen.insert(module.text).second)
        continue;
      const bool local =
          std::any_of(submission.scripts.begin(), submission.scripts.end(), [&](const auto& other) {
            const std::string base = other.file.substr(other.file.rfind('/') + 1);
            return base == module.text + ".py" || has("/" + other.file, "/" + module.text + "/");
          });
      if (local || has(told, lower(package_of_module(module.text)))) continue;
      report.add(fmt::format("imports {}, which neither requirements.txt nor README.md names", module.text),
                 script->file, module.line);
    }
  }
}

void wrapped(const CheckContext& context, CheckReport& report) {
  for (const SubmissionScript& script : context.submission.scripts) {
    if (!script.wrapper || !script.wrapper->problem.empty()) continue;
    report.add(
        fmt::format("{} bytes unpack to {} ({})", grouped(static_cast<int64_t>(script.shipped_bytes)),
                    grouped(static_cast<int64_t>(script.wrapper->unpacked_bytes)), script.wrapper->how),
        script.file, script.wrapper->line);
  }
}

void not_unpacked(const CheckContext& context, CheckReport& report) {
  for (const SubmissionScript& script : context.submission.scripts) {
    if (!script.wrapper || script.wrapper->problem.empty()) continue;
    report.add("the wrapped source cannot be unpacked: " + script.wrapper->problem, script.file,
               script.wrapper->line);
  }
}

void network(const CheckContext& context, CheckReport& report) {
  constexpr std::array<std::string_view, 9> kModules = {
      "requests", "urllib", "urllib3", "httpx", "aiohttp", "huggingface_hub", "wget", "boto3", "ftplib"};
  for (const SubmissionScript* script : context.submission.reached) {
    for (const ScriptPlace& module : script->imports) {
      if (std::find(kModules.begin(), kModules.end(), module.text) == kModules.end()) continue;
      report.add("imports " + module.text, script->file, module.line);
    }
  }
}

void programs(const CheckContext& context, CheckReport& report) {
  constexpr std::array<std::string_view, 6> kCalls = {"subprocess.run(",          "subprocess.Popen(",
                                                      "subprocess.check_output(", "subprocess.check_call(",
                                                      "subprocess.call(",         "os.system("};
  for (const SubmissionScript* script : context.submission.reached) {
    for (size_t i = 0; i < script->lines.size(); ++i) {
      const std::string& line = script->lines[i];
      const bool calls =
          std::any_of(kCalls.begin(), kCalls.end(), [&](auto call) { return has(line, call); });
      const std::string& next = i + 1 < script->lines.size() ? script->lines[i + 1] : line;
      if (!calls || has(line, "nvidia-smi") || (line.ends_with('(') && has(next, "nvidia-smi"))) continue;
      const std::string_view text(line);
      const size_t first = std::min(text.find_first_not_of(" \t"), text.size());
      report.add("starts a program: " + printable(text.substr(first), 100), script->file,
                 static_cast<int64_t>(i) + 1);
    }
  }
}

void codec_fallback(const CheckContext& context, CheckReport& report) {
  constexpr std::array<std::string_view, 2> kCodecs = {"zstandard", "brotli"};
  constexpr size_t kNear = 6;  // lines from the import to the except
  for (const SubmissionScript* script : context.submission.reached) {
    for (const ScriptPlace& module : script->imports) {
      if (std::find(kCodecs.begin(), kCodecs.end(), module.text) == kCodecs.end()) continue;
      const auto first = static_cast<size_t>(module.line - 1);
      bool caught = false;
      for (size_t i = first; i < std::min(first + kNear, script->lines.size()); ++i) {
        caught |= has(script->lines[i], "except ImportError") ||
                  has(script->lines[i], "except ModuleNotFoundError");
      }
      const bool others =
          std::any_of(script->imports.begin(), script->imports.end(),
                      [](const ScriptPlace& place) { return place.text == "zlib" || place.text == "lzma"; });
      if (caught && others) {
        report.add(fmt::format("packs with another codec where {} is missing", module.text), script->file,
                   module.line);
        break;
      }
    }
  }
}

const std::array kChecks = {
    CheckRow{"PG501", "uncounted-code", Severity::kWarning,
             "Other scripts of the folder run as well, and no log counts them all.",
             "Put all code into train_gpt.py, or count the files that it imports.", local_code},
    CheckRow{"PG502", "runs-a-file", Severity::kWarning, "A script runs source that it reads from a file.",
             "Ship the source itself as train_gpt.py.", runs_files},
    CheckRow{"PG503", "companion-file", Severity::kWarning, "A script names another file of the folder.",
             "If the file is read at run time, count its bytes.", companions},
    CheckRow{"PG504", "tokenizer-shipped", Severity::kInfo, "The folder has a tokenizer of its own.",
             "Show that its bytes a token are right: golf-eval audit.", tokenizer},
    CheckRow{"PG505", "package-not-named", Severity::kInfo,
             "A script imports a package that neither requirements.txt nor README.md names.",
             "Add requirements.txt and say in README.md how to install it.", packages},
    CheckRow{"PG506", "wrapped-source", Severity::kInfo, "A script is compressed source that unpacks itself.",
             "Review the unpacked source; the size that counts is that of the file.", wrapped},
    CheckRow{"PG507", "wrapper-not-unpacked", Severity::kWarning,
             "A script looks like compressed source, and could not be unpacked.",
             "Ship the plain source beside it.", not_unpacked},
    CheckRow{"PG508", "network", Severity::kWarning, "The script imports a module that talks to the network.",
             "Load data before the run; nothing may be downloaded in it.", network},
    CheckRow{"PG509", "starts-program", Severity::kInfo, "The script starts another program.",
             "Say in README.md what has to be installed.", programs},
    CheckRow{"PG510", "codec-fallback", Severity::kInfo,
             "Where a codec is not installed the script packs with another one, without an error.",
             "Fail instead: zlib's artifact is about 4 % larger than zstd's.", codec_fallback},
};

}  // namespace

std::span<const CheckRow> code_checks() { return kChecks; }

}  // namespace golf
