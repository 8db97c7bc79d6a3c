#include "golf/artifact/submission/submission.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>

namespace golf {
namespace {

bool is_script(const FolderFile& file) {
  return file.extension() == ".py" && file.state == FolderFile::State::kRead;
}

bool may_be_log(const FolderFile& file) {
  const std::string ending = file.extension();
  return (ending == ".log" || ending == ".txt") && file.state == FolderFile::State::kRead &&
         file.base_name() != "requirements.txt";
}

/// "submission.json", else the first top file submission*.json.
const FolderFile* find_record(const Folder& folder) {
  if (const FolderFile* file = folder.find("submission.json")) {
    return file->state == FolderFile::State::kRead ? file : nullptr;
  }
  const auto found = std::find_if(folder.files.begin(), folder.files.end(), [](const FolderFile& file) {
    return file.is_top() && file.base_name().starts_with("submission") && file.extension() == ".json" &&
           file.state == FolderFile::State::kRead;
  });
  return found == folder.files.end() ? nullptr : &*found;
}

const SubmissionScript* find_main(const std::vector<SubmissionScript>& scripts) {
  const SubmissionScript* best = nullptr;
  const auto rank = [](const SubmissionScript& script) {
    if (script.file == "train_gpt.py") return 4;
    const bool top = script.file.find('/') == std::string::npos;
    if (script.file.starts_with("train_gpt")) return top ? 3 : 1;
    if (script.file.starts_with("train")) return top ? 2 : 1;
    return top ? 1 : 0;
  };
  for (const SubmissionScript& script : scripts) {
    if (best == nullptr || rank(script) > rank(*best) ||
        (rank(script) == rank(*best) && script.shipped_bytes > best->shipped_bytes)) {
      best = &script;
    }
  }
  return best;
}

/// By what a module or a string calls it: "lossless_caps", "ngram/tilt.py".
std::map<std::string, const SubmissionScript*, std::less<>> names_of(
    const std::vector<SubmissionScript>& scripts) {
  std::map<std::string, const SubmissionScript*, std::less<>> names;
  for (const SubmissionScript& script : scripts) {
    const std::string stem = script.file.substr(0, script.file.size() - 3);
    names.emplace(script.file, &script);
    constexpr std::string_view kPackage = "/__init__";
    names.emplace(stem.ends_with(kPackage) ? stem.substr(0, stem.size() - kPackage.size()) : stem, &script);
  }
  return names;
}

std::vector<const SubmissionScript*> find_reached(const std::vector<SubmissionScript>& scripts,
                                                  const SubmissionScript* main) {
  std::vector<const SubmissionScript*> found;
  if (main == nullptr) return found;
  const auto names = names_of(scripts);
  std::set<const SubmissionScript*> seen;
  const auto add = [&](std::string_view name) {
    const auto script = names.find(name);
    if (script != names.end() && seen.insert(script->second).second) found.push_back(script->second);
  };
  add(main->file);
  for (size_t i = 0; i < found.size(); ++i) {
    for (const ScriptPlace& module : found[i]->imports) {
      const std::string_view name = module.text;
      add(name.substr(std::min(name.find_first_not_of('.'), name.size())));
    }
    std::set<int64_t> run_lines;
    for (const ScriptPlace& call : found[i]->runs_files) run_lines.insert(call.line);
    for (const ScriptPlace& string : found[i]->strings) {
      std::string_view name = string.text;
      if (name.starts_with("./")) name.remove_prefix(2);
      if (name.ends_with(".py") && run_lines.contains(string.line)) add(name);
    }
  }
  return found;
}

Track find_track(const std::string& path, const SubmissionRecord* record) {
  std::error_code error;
  const std::string whole = std::filesystem::canonical(path, error).string();
  std::string text = error ? path : whole;
  if (const FoundField* field = record == nullptr ? nullptr : record->find("track");
      field != nullptr && field->value->is_string()) {
    text += " " + field->value->as_string().substr(0, 200);
  }
  for (char& c : text) c = c == '-' ? '_' : c;
  if (text.find("non_record") != std::string::npos || text.find("nonrecord") != std::string::npos) {
    return Track::kNonRecord;
  }
  return text.find("10min_16mb") != std::string::npos ? Track::kRecord : Track::kUnknown;
}

}  // namespace

std::string_view track_name(Track track) {
  switch (track) {
    case Track::kRecord:
      return "record";
    case Track::kNonRecord:
      return "non-record";
    case Track::kUnknown:
      break;
  }
  return "unknown";
}

std::optional<int64_t> seed_in_name(std::string_view file) {
  const size_t at = file.rfind("seed");
  if (at == std::string_view::npos) return std::nullopt;
  file.remove_prefix(at + 4);
  if (file.starts_with('_') || file.starts_with('-')) file.remove_prefix(1);
  int64_t seed = 0;
  const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), seed);
  return error == std::errc{} && seed >= 0 ? std::optional(seed) : std::nullopt;
}

std::vector<std::vector<const SubmissionLog*>> Submission::seed_groups() const {
  std::map<std::string, std::vector<const SubmissionLog*>> by_name;
  for (const SubmissionLog& log : logs) {
    if (!seed_in_name(log.file)) continue;
    std::string name;
    std::copy_if(log.file.begin(), log.file.end(), std::back_inserter(name),
                 [](char c) { return c < '0' || c > '9'; });
    by_name[name].push_back(&log);
  }
  std::vector<std::vector<const SubmissionLog*>> groups;
  for (auto& [name, group] : by_name) {
    if (group.size() > 1) groups.push_back(std::move(group));
  }
  return groups;
}

Submission read_submission(const std::string& path, std::optional<Track> track) {
  Submission submission{.folder = read_folder(path)};
  if (const FolderFile* file = find_record(submission.folder)) {
    submission.record = std::make_unique<SubmissionRecord>(file->text(), file->name);
  }
  uint64_t unpack_bytes = limits::kUnpackedFolderBytes;
  for (const FolderFile& file : submission.folder.files) {
    if (is_script(file)) {
      submission.scripts.push_back(read_submission_script(file.text(), file.name, unpack_bytes));
    }
    if (!may_be_log(file)) continue;
    SubmissionLog log = read_submission_log(file.text(), file.name);
    if (!log.is_run()) continue;
    // Upstream asks for a train.log: where it is a copy of a seed's log it is no run of its own.
    const auto same =
        std::find_if(submission.logs.begin(), submission.logs.end(), [&](const SubmissionLog& other) {
          return other.sha256 == log.sha256 && (!seed_in_name(other.file) || !seed_in_name(log.file));
        });
    if (same == submission.logs.end()) {
      submission.logs.push_back(std::move(log));
    } else if (!seed_in_name(same->file)) {
      *same = std::move(log);
    }
  }
  submission.main = find_main(submission.scripts);
  submission.reached = find_reached(submission.scripts, submission.main);
  submission.track = track ? *track : find_track(path, submission.record.get());
  return submission;
}

}  // namespace golf
