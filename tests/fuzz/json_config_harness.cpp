// JSON documents, model configurations and quantization recipes.
#include "fuzz/harness.h"
#include "fuzz/seed_models.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/spec/model_presets.h"

namespace golf::fuzz {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 20;

void run(ByteView input) {
  Json json;
  if (!accepts([&] { json = parse_json(as_text(input), "fuzz", kMostBytes); })) return;
  const std::string text = json.dump();
  expect(parse_json(text, "fuzz", text.size()).dump() == text, "a document survives another round trip");

  ModelSpec spec;
  if (accepts([&] { spec = model_spec_from_json(json, "fuzz"); })) {
    expect(model_spec_from_json(to_json(spec), "fuzz") == spec, "a configuration survives a round trip");
  }
  accepts([&] { validate(from_json<QuantRecipe>(json, "fuzz")); });
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  const auto add = [&](const Json& json) {
    const std::string text = json.dump(2);
    const ByteView view = as_bytes(text);
    all.emplace_back(view.begin(), view.end());
  };
  for (const char* name : {"baseline", "pr88", "pr192", "pr262", "pr993", "pr1046"}) {
    add(to_json(*find_model_preset(name)));
  }
  for (const char* name : {"best", "mixed-int6", "pr88"}) add(to_json(load_recipe(name)));
  return all;
}

}  // namespace

const Harness kJsonConfig = {.name = "json_config", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
