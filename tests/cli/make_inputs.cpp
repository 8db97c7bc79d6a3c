// golf-make-cli-inputs FOLDER: writes the small files that the command-line tests work on. Every byte is the
// same on every run.
// golf-make-cli-inputs FOLDER foreign: instead the weights as other programs leave them, and files that are
// no model. golf-make-cli-inputs FOLDER bad-artifacts: instead artifacts WHAT.golf and WHAT.ptz with one
// thing wrong each.
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "make_foreign_inputs.h"

namespace golf {
namespace {

/// Steps of Knuth's MMIX generator; the upper bits as a float in (-0.125, 0.125), exact.
class Values {
 public:
  explicit Values(uint64_t seed = 1) : state_(seed) {}
  float next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<float>(static_cast<int32_t>(state_ >> 48U) - 32'768) / 262'144.0F;
  }

 private:
  uint64_t state_;
};

TensorSet tiny_weights(const ModelConfig& config, uint64_t seed = 1) {
  Values values(seed);
  TensorSet tensors;
  for (const TensorInfo& row : tensor_inventory(config)) {
    Tensor tensor = make_tensor(DType::kF32, row.shape);
    for (float& value : tensor.values<float>()) value = values.next();
    tensors.add(row.name, std::move(tensor));
  }
  return tensors;
}

/// A checkpoint of two layers whose matrices stand in parameter banks.
TensorSet banked_weights() {
  const std::vector<std::pair<std::string, Shape>> shapes = {
      {"qo_bank", {4, 16, 16}},       {"kv_bank", {4, 8, 16}},      {"mlp_up_bank", {2, 32, 16}},
      {"mlp_down_bank", {2, 16, 32}}, {"tok_emb.weight", {28, 16}}, {"blocks.0.attn_scale", {16}},
      {"blocks.1.attn_scale", {16}}};
  Values values;
  TensorSet tensors;
  for (const auto& [name, shape] : shapes) {
    Tensor tensor = make_tensor(DType::kF32, shape);
    for (float& value : tensor.values<float>()) value = values.next();
    tensors.add(name, std::move(tensor));
  }
  return tensors;
}

TorchValue state_dict(const TensorSet& tensors) {
  TorchValue::Dict dict;
  for (const auto& [name, tensor] : tensors)
    dict.push_back({TorchValue{.value = name}, TorchValue{.value = tensor}});
  return TorchValue{.value = std::move(dict), .is_ordered_dict = true};
}

/// A SentencePiece model is a protobuf; this writes the fields that a vocabulary of `size` pieces needs: two
/// that are no text, then "a" to "z", "▁aa", "▁ba", ….
Bytes tokenizer_model(int size, const std::vector<std::string>& operators = {}) {
  ByteWriter model;
  const auto piece = [&](std::string text, uint8_t kind) {
    ByteWriter body;
    body.write<uint8_t>(0x0a);  // field 1, text
    body.write_string(text);
    body.write<uint8_t>(0x15);  // field 2, score
    body.write<float>(-1);
    body.write<uint8_t>(0x18);  // field 3, kind
    body.write<uint8_t>(kind);
    model.write<uint8_t>(0x0a);  // ModelProto.pieces
    model.write_varint(body.size());
    model.write_bytes(body.bytes());
  };
  piece("<unk>", 2);
  piece("<s>", 3);
  for (const std::string& text : operators) piece(text, 4);
  constexpr int kLetters = 26;
  for (int i = 0; i < size - 2 - static_cast<int>(operators.size()); ++i) {
    const std::string letter(1, static_cast<char>('a' + i % kLetters));
    piece(
        i < kLetters ? letter : "\xe2\x96\x81" + letter + std::string(static_cast<size_t>(i / kLetters), 'a'),
        1);
  }
  return model.take();
}

/// Second moments for every block's matrices: inputs that rise and fall together, some larger than others.
TensorSet calibration(const TensorSet& weights) {
  TensorSet file;
  for (const auto& [name, weight] : weights) {
    if (!name.starts_with("blocks.") || weight.rank() != 2 || !name.ends_with(".weight")) continue;
    const int64_t size = weight.shape[1];
    Tensor moments = make_tensor(DType::kF32, {size, size});
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 0; j < size; ++j) {
        const auto energy = static_cast<float>((1 + i % 4) * (1 + j % 4));
        moments.values<float>()[static_cast<size_t>(i * size + j)] = i == j ? energy : energy * 0.5F;
      }
    }
    file.add(name, std::move(moments));
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"source", "made up"}, {"tokens", "1000"}};
  return file;
}

/// The same with gradients: the loss is most sensitive to the first rows of every matrix.
TensorSet statistics(const TensorSet& weights) {
  TensorSet file = calibration(weights);
  for (const auto& [name, weight] : weights) {
    if (weight.rank() != 2) continue;
    Tensor squares = make_tensor(DType::kF32, {weight.shape[0]});
    const auto values = squares.values<float>();
    for (size_t row = 0; row < values.size(); ++row) values[row] = 0.01F / static_cast<float>(row + 1);
    file.add("diagonal_fisher:" + name, std::move(squares));
  }
  file.metadata["bytes"] = "2400";
  return file;
}

/// The same with cross moments: the quantized model's inputs follow the checkpoint's, the first ones less.
TensorSet cross_moments(const TensorSet& weights) {
  TensorSet file = statistics(weights);
  for (const auto& [name, moments] : calibration(weights)) {
    Tensor cross = moments;
    const auto values = cross.values<float>();
    const auto size = static_cast<size_t>(moments.shape[1]);
    for (size_t i = 0; i < values.size(); ++i) values[i] *= 1.0F - 0.25F / static_cast<float>(1 + i / size);
    file.add("cross_moment:" + name, std::move(cross));
  }
  return file;
}

void write_inputs(const std::string& folder) {
  const ModelSpec spec = *find_model_preset("baseline-tiny");
  const TensorSet weights = tiny_weights(spec.model);
  const auto write = [&](const std::string& name, const Bytes& bytes) {
    write_file_atomic(folder + "/" + name, bytes);
  };
  write("tiny.safetensors", encode_checkpoint({.tensors = weights, .spec = spec}));
  write("another.safetensors",
        encode_checkpoint({.tensors = tiny_weights(spec.model, /*seed=*/2), .spec = spec}));
  write("bare.safetensors", encode_safetensors(weights));
  write("calibration.safetensors", encode_safetensors(calibration(weights)));
  write("statistics.safetensors", encode_safetensors(statistics(weights)));
  write("cross_moments.safetensors", encode_safetensors(cross_moments(weights)));
  write("tiny.pt", encode_torch_file(state_dict(weights)));
  write("banked.safetensors", encode_safetensors(banked_weights()));

  TensorSet with_nan = weights;
  with_nan.find("blocks.1.attn.c_q.weight")->values<float>()[7] = std::numeric_limits<float>::quiet_NaN();
  write("nan.safetensors", encode_checkpoint({.tensors = with_nan, .spec = std::nullopt}));

  TensorSet hostile;
  hostile.add("two\nlines\x1b[2J\xc2\x9b",
              from_f32(std::vector<float>{1, std::numeric_limits<float>::infinity()}, DType::kF32, {2}));
  write("hostile.safetensors", encode_safetensors(hostile));

  TensorSet other;
  other.add("plain", from_f32(std::vector<float>{1.5, -2, 0.25}, DType::kBF16, {3}));
  other.add("whole", make_tensor<int64_t>(DType::kI64, {2, 1}, std::vector<int64_t>{-1, 5}));
  write("other.safetensors", encode_safetensors(other));

  std::vector<uint16_t> tokens;
  for (int i = 0; i < 1'000; ++i) tokens.push_back(static_cast<uint16_t>(i * 7 % 1'024));
  write("shard.bin", encode_token_shard(tokens));
  write("tokenizer.model", tokenizer_model(28));
  write("tokenizer1024.model", tokenizer_model(1024));
  write("other1024.model", tokenizer_model(1024, {"ab"}));

  // A text that CaseOps coded, its tokenizer and its byte sidecar.
  write("caseops.model", tokenizer_model(60, {"\xee\x80\x81", "\xee\x80\x84"}));
  std::vector<uint16_t> coded;
  std::vector<uint16_t> bytes;
  for (int i = 0; i < 100; ++i) {
    const bool starts_document = i % 25 == 0;
    const bool has_mark = i % 5 == 1;
    const int letter = 4 + i * 7 % 26;  // "a" to "z"
    coded.push_back(static_cast<uint16_t>(starts_document ? 1 : has_mark ? 2 : letter));
    bytes.push_back(starts_document || has_mark ? 0 : 1);
  }
  write("caseops_shard.bin", encode_token_shard(coded));
  write("caseops_bytes.bin", encode_token_shard(bytes));
}

StoredTensor& find(StoredModel& model, const std::string& name) {
  for (StoredTensor& stored : model.tensors) {
    if (stored.name == name) return stored;
  }
  fail(ErrorCode::kInvalidArgument, "no tensor " + name);
}

/// One thing that can be wrong with an artifact's tensors.
struct Damage {
  std::string name;
  void (*apply)(StoredModel& model);
};

constexpr const char* kMatrix = "blocks.3.mlp.fc.weight";
constexpr const char* kVector = "blocks.2.attn_scale";

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"good", [](StoredModel&) {}},
      {"missing",
       [](StoredModel& model) {
         std::erase_if(model.tensors, [](const StoredTensor& stored) { return stored.name == kMatrix; });
       }},
      {"extra",
       [](StoredModel& model) {
         model.tensors.push_back(find(model, kVector));
         model.tensors.back().name = "blocks.9.attn_scale";
       }},
      {"shape",
       [](StoredModel& model) {
         find(model, kVector).values.shape = {64, 2};
       }},
      {"rows",
       [](StoredModel& model) {
         StoredTensor& matrix = find(model, kMatrix);
         const int64_t rows = matrix.values.shape[0] - 1;
         matrix.values = make_tensor(DType::kI8, {rows, matrix.values.shape[1]});
         matrix.scales = make_tensor(matrix.scales.dtype, {rows});
       }},
      {"nan", [](StoredModel& model) { find(model, kVector).values.values<uint16_t>()[5] = 0x7e00; }},
      {"scale", [](StoredModel& model) { find(model, kMatrix).scales.values<uint16_t>()[9] = 0x7c00; }},
      {"range", [](StoredModel& model) { find(model, kMatrix).values.values<int8_t>()[0] = 32; }},
  };
  return all;
}

void write_bad_artifacts(const std::string& folder) {
  const ModelSpec spec = *find_model_preset("baseline-tiny");
  QuantRecipe recipe = load_recipe("pr993");
  recipe.keep_float_max = 1'000;
  const StoredModel model = quantize(tiny_weights(spec.model), recipe, {});
  for (const Damage& damage : damages()) {
    Artifact artifact{.info = {.spec = spec, .codec = parse_codec("zlib:1"), .recipe = recipe.name},
                      .model = model};
    artifact.info.ptz_layout = recipe.ptz_layout;
    damage.apply(artifact.model);
    for (const ArtifactFormat format : {ArtifactFormat::kGolf, ArtifactFormat::kPtz}) {
      artifact.info.format = format;
      write_file_atomic(folder + "/" + damage.name + "." + std::string(format_name(format)),
                        encode_artifact(artifact));
    }
  }
}

}  // namespace
}  // namespace golf

int main(int argc, char** argv) {
  const std::string_view what = argc == 3 ? argv[2] : "";
  const bool bad_artifacts = what == "bad-artifacts";
  const bool foreign = what == "foreign";
  if (argc != 2 && !bad_artifacts && !foreign) return 2;
  try {
    if (bad_artifacts) {
      golf::write_bad_artifacts(argv[1]);
    } else if (foreign) {
      const golf::ModelSpec spec = *golf::find_model_preset("baseline-tiny");
      golf::write_foreign_inputs(argv[1], golf::tiny_weights(spec.model), spec);
    } else {
      golf::write_inputs(argv[1]);
    }
    return 0;
  } catch (const golf::Error& error) {
    std::fprintf(stderr, "golf-make-cli-inputs: %s\n", error.what());
    return 1;
  }
}
