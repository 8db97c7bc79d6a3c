#include "container/golf_info.h"

#include "golf/artifact/base/json.h"

namespace golf {

Bytes encode_golf_info(const ArtifactInfo& info) {
  Json json = Json::object();
  json["codec"] = to_string(info.codec);
  if (!info.recipe.empty()) json["recipe"] = info.recipe;
  if (info.spec) json["model_spec"] = to_json(*info.spec);
  Json provenance = Json::object();
  for (const auto& [key, value] : info.provenance) provenance[key] = value;
  json["provenance"] = provenance;
  const std::string text = json.dump();
  const ByteView bytes = as_bytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

ArtifactInfo decode_golf_info(ByteView bytes, const std::string& what) {
  const Json json = parse_json(as_text(bytes), what);
  ArtifactInfo info;
  info.format = ArtifactFormat::kGolf;
  info.codec = parse_codec(json.at("codec").as_string());
  if (const Json* recipe = json.find("recipe")) info.recipe = recipe->as_string();
  if (const Json* spec = json.find("model_spec")) info.spec = model_spec_from_json(*spec, what);
  for (const auto& [key, value] : json.at("provenance").as_object()) info.provenance[key] = value.as_string();
  return info;
}

}  // namespace golf
