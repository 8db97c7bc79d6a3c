#include "golf/artifact/report/pack_report.h"

#include <fmt/format.h>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/base/version.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/artifact/text/tokenizer.h"

namespace golf {

void choose_format(PackRequest& request, std::string_view name) {
  if (name == "pgrp" || name == "gptq") {
    request.format = ArtifactFormat::kPtz;
    request.ptz_layout = name == "pgrp" ? "pgrp_v2" : "gptq";
    return;
  }
  for (const ArtifactFormat format : {ArtifactFormat::kGolf, ArtifactFormat::kPtz}) {
    if (name != format_name(format)) continue;
    request.format = format;
    return;
  }
  fail(ErrorCode::kInvalidArgument,
       fmt::format("expected golf, ptz, pgrp or gptq, found {}", printable(name)));
}

PackReport describe_input(const std::string& path, const ModelFile& file, const LoadedModel& model) {
  PackReport report;
  report.input = path == "-" ? file.name : path;
  report.input_bytes = file.disk_bytes;
  report.input_sha256 = sha256_hex(file.bytes);
  for (const auto& [name, tensor] : model.tensors) report.original_bytes[name] = tensor.bytes.size();
  return report;
}

std::map<std::string, std::string> provenance_of(const std::string& tool, const PackReport& report,
                                                 const LoadedModel& model, const std::string& tokenizer) {
  std::map<std::string, std::string> provenance = {{"tool", tool}, {"source_sha256", report.input_sha256}};
  if (!tokenizer.empty()) {
    const int64_t vocab_size = model.spec ? model.spec->model.vocab_size : 0;
    provenance[kTokenizerKey] = read_tokenizer(tokenizer, vocab_size).file.sha256;
  } else if (const std::string recorded = model.tokenizer_sha256(); !recorded.empty()) {
    provenance[kTokenizerKey] = recorded;
  }
  return provenance;
}

std::vector<GroupRow> group_rows(const PackReport& report) {
  std::map<std::string, uint64_t> before;
  for (const auto& [name, bytes] : report.original_bytes)
    before[std::string(role_name(role_of(name)))] += bytes;
  std::vector<GroupRow> rows;
  for (BreakdownRow& row : break_down(report.result.sizes, BreakdownKey::kGroup)) {
    const auto found = row.overhead ? before.end() : before.find(row.label);
    GroupRow& added = rows.emplace_back(GroupRow{std::move(row), 0});
    if (found == before.end()) continue;
    added.before_bytes = found->second;
    before.erase(found);
  }
  for (const auto& [group, bytes] : before) {
    GroupRow& dropped = rows.emplace_back();
    dropped.after.label = group;
    dropped.after.schemes = {"drop"};
    dropped.before_bytes = bytes;
  }
  return rows;
}

Json pack_report_json(const PackReport& report) {
  const PackResult& result = report.result;
  Json json = Json::object();
  json["schema"] = "golf.pack/1";
  json["version"] = project_version();
  json["commit"] = git_commit();
  Json input = Json::object();
  input["path"] = report.input;
  input["bytes"] = report.input_bytes;
  input["sha256"] = report.input_sha256;
  json["input"] = std::move(input);
  Json artifact = Json::object();
  artifact["path"] = report.output.empty() ? Json() : Json(report.output);
  artifact["bytes"] = result.sizes.file_bytes;
  artifact["sha256"] = sha256_hex(result.bytes);
  artifact["format"] = format_name(result.artifact.info.format);
  artifact["recipe"] = result.artifact.info.recipe;
  artifact["codec"] = to_string(result.artifact.info.codec);
  artifact["codec_library"] = codec_row(result.artifact.info.codec.id).library_version();
  artifact["has_model_config"] = result.artifact.info.spec.has_value();
  json["artifact"] = std::move(artifact);
  json["budget"] = to_json(result.budget);
  Json groups = Json::array();
  for (const GroupRow& row : group_rows(report)) {
    Json group = Json::object();
    group["name"] = row.after.label;
    Json schemes = Json::array();
    for (const std::string& scheme : row.after.schemes) schemes.push_back(scheme);
    group["schemes"] = std::move(schemes);
    group["tensors"] = static_cast<uint64_t>(row.after.tensors.size());
    group["elements"] = row.after.elements;
    group["bytes_before"] = row.before_bytes;
    group["bytes_after"] = row.after.bytes();
    group["attribution"] = row.after.apportioned ? "apportioned" : "section";
    groups.push_back(std::move(group));
  }
  json["groups"] = std::move(groups);
  add_packing(json, result);
  if (!report.decoder.empty()) json["decoder"] = report.decoder;
  return json;
}

}  // namespace golf
