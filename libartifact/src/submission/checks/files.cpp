// What lies in the folder, and the form of submission.json.
#include <algorithm>
#include <array>
#include <span>

#include "golf/artifact/base/text.h"
#include "submission/check_tools.h"

namespace golf {
namespace {

void no_record(const CheckContext& context, CheckReport& report) {
  if (context.submission.record == nullptr) report.add("there is no submission.json that could be read");
}

void record_name(const CheckContext& context, CheckReport& report) {
  const SubmissionRecord* record = context.submission.record.get();
  if (record == nullptr || record->file() == "submission.json") return;
  report.add(record->file() + " stands for submission.json", record->file());
}

void bad_record(const CheckContext& context, CheckReport& report) {
  const SubmissionRecord* record = context.submission.record.get();
  if (record == nullptr || record->problem().empty()) return;
  report.add(record->problem(), record->file(), record->problem_line());
}

/// Each field of the table with what was found; nothing when the file cannot be read.
template <class Each>
void each_field(const CheckContext& context, const Each& each) {
  const SubmissionRecord* record = context.submission.record.get();
  if (record == nullptr || !record->problem().empty()) return;
  for (const RecordField& field : record_fields()) each(field, record->find(field.name), record->file());
}

void missing_field(const CheckContext& context, CheckReport& report) {
  each_field(context, [&](const RecordField& field, const FoundField* found, const std::string& file) {
    if (field.wanted && found == nullptr) report.add(fmt::format("no {}", field.name), file, 1);
  });
}

void synonym(const CheckContext& context, CheckReport& report) {
  each_field(context, [&](const RecordField& field, const FoundField* found, const std::string& file) {
    if (field.wanted && found != nullptr && found->key != field.name) {
      report.add(fmt::format("{} is called {}", field.name, found->key), file, found->line);
    }
  });
}

void null_field(const CheckContext& context, CheckReport& report) {
  each_field(context, [&](const RecordField&, const FoundField* found, const std::string& file) {
    if (found != nullptr && found->value->is_null()) report.add(found->key + " is null", file, found->line);
  });
}

void wrong_type(const CheckContext& context, CheckReport& report) {
  each_field(context, [&](const RecordField& field, const FoundField* found, const std::string& file) {
    if (found == nullptr || found->value->is_null()) return;
    const Json& value = *found->value;
    const bool text = field.type == RecordType::kText, bytes = field.type == RecordType::kBytes;
    const bool holds = text ? !value.is_number() && !value.is_bool() : value.is_number();
    if (!holds) {
      report.add(fmt::format("{} is not a {}: {}", found->key, text ? "text" : "number",
                             printable(value.dump(), 60)),
                 file, found->line);
    } else if (bytes && !value.is_integer()) {
      report.add(fmt::format("{} is not a whole number of bytes: {}", found->key, value.dump()), file,
                 found->line);
    }
  });
}

bool has_top_file(const Folder& folder, std::string_view stem) {
  return std::any_of(folder.files.begin(), folder.files.end(), [&](const FolderFile& file) {
    std::string name(file.base_name());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return file.is_top() && name.starts_with(stem);
  });
}

void no_readme(const CheckContext& context, CheckReport& report) {
  if (!has_top_file(context.submission.folder, "readme")) report.add("there is no README.md");
}

void no_script(const CheckContext& context, CheckReport& report) {
  if (context.submission.main == nullptr) report.add("there is no Python script that could be read");
}

void script_name(const CheckContext& context, CheckReport& report) {
  const SubmissionScript* main = context.submission.main;
  if (main != nullptr && main->file != "train_gpt.py") {
    report.add(main->file + " is taken for train_gpt.py", main->file);
  }
}

void no_log(const CheckContext& context, CheckReport& report) {
  if (context.submission.logs.empty()) report.add("there is no log of a run (*.log, *.txt)");
}

void not_followed(const CheckContext& context, CheckReport& report) {
  for (const FolderFile& file : context.submission.folder.files) {
    if (file.state == FolderFile::State::kLink) report.add("a link: not followed", file.name);
    if (file.state == FolderFile::State::kSpecial)
      report.add("neither a file nor a folder: not opened", file.name);
  }
}

void not_read(const CheckContext& context, CheckReport& report) {
  const Folder& folder = context.submission.folder;
  if (folder.cut) {
    report.add(fmt::format("more than {} entries, or folders deeper than {}: the rest is not looked at",
                           limits::kFolderEntries, limits::kFolderDepth));
  }
  for (const FolderFile& file : folder.files) {
    if (file.state == FolderFile::State::kTooMany) {
      report.add(fmt::format("over the limit of {} scripts", limits::kFolderScripts), file.name);
    }
    if (file.state == FolderFile::State::kUnreadable) report.add("cannot be read", file.name);
    if (file.state == FolderFile::State::kTooLarge) {
      report.add(fmt::format("{} bytes: over the limit of {} a text, or of {} or {} lines a folder",
                             grouped(static_cast<int64_t>(file.bytes)), limits::kFolderTextBytes,
                             limits::kFolderBytes, limits::kFolderLines),
                 file.name);
    }
  }
}

const std::array kChecks = {
    CheckRow{"PG301", "no-submission-json", Severity::kError, "submission.json is missing.",
             "Add it: author, github_id, name, date, val_bpb, bytes_total.", no_record},
    CheckRow{"PG302", "submission-json-name", Severity::kWarning, "submission.json has another name.",
             "Rename it.", record_name},
    CheckRow{"PG303", "bad-submission-json", Severity::kError, "submission.json is not a strict JSON object.",
             "Correct it; python3 -m json.tool shows the place.", bad_record},
    CheckRow{"PG304", "missing-field", Severity::kWarning,
             "submission.json lacks a field that upstream's own has.", "Add it.", missing_field},
    CheckRow{"PG305", "field-synonym", Severity::kInfo,
             "A field of submission.json has another name than upstream's.",
             "Rename it, so that the leaderboard finds it.", synonym},
    CheckRow{"PG306", "null-field", Severity::kWarning, "A field of submission.json is null.", "Fill it in.",
             null_field},
    CheckRow{"PG307", "field-type", Severity::kWarning, "A field of submission.json is of another type.",
             "Write numbers as numbers, bytes as whole numbers, names as text.", wrong_type},
    CheckRow{"PG308", "no-readme", Severity::kWarning, "README.md is missing.",
             "Add one that tells what is new.", no_readme},
    CheckRow{"PG309", "no-script", Severity::kError, "There is no Python script.", "Add train_gpt.py.",
             no_script},
    CheckRow{"PG310", "script-name", Severity::kInfo, "The script is not called train_gpt.py.",
             "Rename it; the rules count train_gpt.py.", script_name},
    CheckRow{"PG311", "no-log", Severity::kWarning, "There is no log of a run.", "Add the training logs.",
             no_log},
    CheckRow{"PG312", "not-followed", Severity::kWarning, "A link or a special file lies in the folder.",
             "Put the file itself there.", not_followed},
    CheckRow{"PG313", "not-read", Severity::kWarning,
             "Something in the folder is over a limit or cannot be read.",
             "Make it smaller, or take it out; golf-inspect --help-limits has the limits.", not_read},
};

}  // namespace

std::span<const CheckRow> file_checks() { return kChecks; }

}  // namespace golf
