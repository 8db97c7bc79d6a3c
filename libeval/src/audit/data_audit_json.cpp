#include "golf/artifact/text/tokenized_text.h"
#include "golf/audit/data_audit.h"

namespace golf {
namespace {

Json lengths_json(const LengthSummary& lengths) {
  return Json::object(
      {{"least", lengths.least}, {"median", lengths.median}, {"mean", lengths.mean}, {"most", lengths.most}});
}

Json place_json(const AuditedSet& set, const DocumentPlace& place) {
  return Json::object({{"document", place.number},
                       {"shard", set.shards[static_cast<size_t>(place.shard)].path},
                       {"token", place.position}});
}

Json set_json(const AuditedSet& set) {
  Json shards = Json::array();
  for (const AuditedSet::Shard& shard : set.shards) {
    shards.push_back(Json::object({{"path", shard.path},
                                   {"tokens", shard.tokens},
                                   {"documents", shard.documents},
                                   {"byte_sidecar", shard.sidecar.empty() ? Json() : Json(shard.sidecar)}}));
  }
  Json duplicates;
  if (set.counts_duplicates) {
    duplicates = Json::array();
    for (const DuplicateGroup& group : set.duplicates) {
      Json places = Json::array();
      for (const DocumentPlace& place : group.places) places.push_back(place_json(set, place));
      duplicates.push_back(Json::object({{"tokens", group.tokens}, {"places", std::move(places)}}));
    }
  }
  return Json::object({{"source", set.source},
                       {"identity", to_json(set.identity)},
                       {"tokens", set.tokens},
                       {"documents", set.documents},
                       {"bytes", set.bytes},
                       {"bytes_from", byte_source_name(set.byte_source)},
                       {"leading_tokens", set.leading_tokens},
                       {"empty_documents", set.empty_documents},
                       {"tokens_a_document", lengths_json(set.tokens_each)},
                       {"bytes_a_document", lengths_json(set.bytes_each)},
                       {"shards", std::move(shards)},
                       {"duplicates", std::move(duplicates)}});
}

}  // namespace

Json to_json(const DataAudit& audit) {
  Json findings = Json::array();
  for (const AuditFinding& finding : audit.findings) {
    findings.push_back(Json::object({{"id", finding.id}, {"level", finding.level}, {"text", finding.text}}));
  }
  Json json = Json::object({{"set", set_json(audit.data)},
                            {"against", audit.against ? set_json(*audit.against) : Json()},
                            {"overlap", Json()},
                            {"index_bytes", audit.index_bytes},
                            {"findings", std::move(findings)}});
  if (audit.against) {
    Json pairs = Json::array();
    for (const SharedDocument& pair : audit.shared) {
      pairs.push_back(Json::object({{"kind", pair.exact ? "exact" : "near"},
                                    {"share", pair.share},
                                    {"tokens", pair.tokens},
                                    {"of", place_json(audit.data, pair.data)},
                                    {"in", place_json(*audit.against, pair.other)}}));
    }
    json["overlap"] = Json::object({{"exact_documents", audit.exact_documents},
                                    {"near_documents", audit.near_documents},
                                    {"tokens", audit.shared_tokens},
                                    {"order_compared", audit.order_compared},
                                    {"order_kept", audit.order_kept},
                                    {"pairs", std::move(pairs)}});
  }
  return json;
}

}  // namespace golf
