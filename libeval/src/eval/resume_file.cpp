#include "eval/resume_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr const char* kResumeSeconds = "seconds";

}  // namespace

ResumeFile::ResumeFile(ResumeOptions options, std::string schema, const EvalProcesses& processes)
    : options_(std::move(options)), schema_(std::move(schema)), processes_(processes) {}

std::string ResumeFile::name() const { return display_name(options_.file); }

std::optional<EvalResumePoint> ResumeFile::read() {
  if (!wanted()) return std::nullopt;
  const bool found = std::filesystem::exists(options_.file);
  if (!processes_.alone()) {  // all of them have looked before the first one writes
    const at::Tensor finders = at::full({1}, found ? 1.0 : 0.0, at::kDouble);
    processes_.sum(finders);
    const double count = finders.item<double>();
    if (count != 0 && count != static_cast<double>(processes_.count)) {
      fail(ErrorCode::kMismatch, fmt::format("{}: only some of the processes see this resume file", name()));
    }
  }
  if (!found) return std::nullopt;
  EvalResumePoint point = decode_resume_point(read_file(options_.file), name(), schema_, options_.identity);
  earlier_seconds_ = point.facts.at(kResumeSeconds).as_double();
  return point;
}

bool ResumeFile::due() const {
  if (!wanted()) return false;
  const double age = std::chrono::duration<double>(Clock::now() - written_).count();
  if (processes_.alone()) return age >= options_.seconds;
  const at::Tensor due = at::zeros({1}, at::kDouble);
  if (processes_.first() && age >= options_.seconds) due.fill_(1.0);
  processes_.sum(due);
  return due.item<double>() != 0.0;
}

void ResumeFile::write(Json facts, TensorSet tensors) {
  if (!wanted()) return;
  facts[kResumeSeconds] = seconds();
  if (processes_.first()) {
    write_file_atomic(options_.file, encode_resume_point({std::move(facts), std::move(tensors)}, schema_,
                                                         options_.identity));
  }
  written_ = Clock::now();
}

double ResumeFile::seconds() const {
  return earlier_seconds_ + std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace golf
