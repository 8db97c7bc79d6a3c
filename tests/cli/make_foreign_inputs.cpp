#include "make_foreign_inputs.h"

#include <algorithm>
#include <functional>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/formats/npy.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

TensorSet renamed(const TensorSet& tensors, const std::function<std::string(const std::string&)>& rename) {
  TensorSet set;
  for (const auto& [name, tensor] : tensors) set.add(rename(name), tensor);
  return set;
}

TorchValue text(const std::string& value) { return {.value = value}; }

TorchValue as_dict(const TensorSet& tensors) {
  TorchValue::Dict dict;
  for (const auto& [name, tensor] : tensors) dict.push_back({text(name), {.value = tensor}});
  return {.value = std::move(dict), .is_ordered_dict = true};
}

/// Every matrix as float8, which has no rounding here: only bytes that are finite numbers.
TensorSet as_float8(const TensorSet& weights) {
  TensorSet set;
  uint8_t byte = 0;
  for (const auto& [name, weight] : weights) {
    if (weight.rank() != 2) {
      set.add(name, weight);
      continue;
    }
    Tensor small = make_tensor(DType::kF8E4M3, weight.shape);
    for (uint8_t& value : small.values<uint8_t>()) {
      ++byte;
      value = static_cast<uint8_t>((byte % 96) | (byte & 0x80U));
    }
    set.add(name, std::move(small));
  }
  return set;
}

Bytes zip_of_one_array() {
  // A local header of a stored entry is enough: readers tell an .npz by its first name.
  const std::string name = "w.npy";
  ByteWriter zip;
  zip.write_text("PK\x03\x04");
  for (int i = 0; i < 22; ++i) zip.write<uint8_t>(0);
  zip.write<uint16_t>(static_cast<uint16_t>(name.size()));
  zip.write<uint16_t>(0);
  zip.write_text(name);
  zip.write_bytes(encode_npy(make_tensor<float>(DType::kF32, {1}, std::vector<float>{1})));
  return zip.take();
}

}  // namespace

void write_foreign_inputs(const std::string& folder, const TensorSet& weights, const ModelSpec& spec) {
  const auto write = [&](const std::string& name, ByteView bytes) {
    write_file_atomic(folder + "/" + name, bytes);
  };
  const auto prefixed = [&](const std::string& prefix) {
    return encode_safetensors(renamed(weights, [&](const std::string& name) { return prefix + name; }));
  };
  write("config.json", as_bytes(to_json(spec).dump()));
  write("plain.safetensors", encode_safetensors(weights));
  write("ddp.safetensors", prefixed("module."));
  write("compiled.safetensors", prefixed("_orig_mod."));
  write("both.safetensors", prefixed("module._orig_mod."));
  write("trainer.safetensors", prefixed("model."));
  write("blocks_compiled.safetensors", encode_safetensors(renamed(weights, [](std::string name) {
          const size_t layer = name.find("blocks.0.");
          return layer == 0 ? name.insert(9, "_orig_mod.") : name;
        })));

  TorchValue::Dict optimizer = {{text("state"), {.value = TorchValue::Dict{}}}, {text("lr"), {.value = 0.1}}};
  TorchValue::Dict training = {{text("model_state_dict"), as_dict(weights)},
                               {text("optimizer"), {.value = std::move(optimizer)}},
                               {text("step"), {.value = int64_t{7}}}};
  write("nested.pt", encode_torch_file({.value = training}));
  training.push_back({text("ema"), as_dict(weights)});
  write("two.pt", encode_torch_file({.value = std::move(training)}));

  TensorSet tied = weights;
  tied.add("lm_head.weight", weights.at("tok_emb.weight"));
  write("tied.safetensors", encode_safetensors(tied));
  write("tied.pt", encode_torch_file(as_dict(tied)));
  Tensor head = weights.at("tok_emb.weight");
  head.values<float>()[0] += 1;
  *tied.find("lm_head.weight") = head;
  write("untied.safetensors", encode_safetensors(tied));
  write("f8.safetensors", encode_safetensors(as_float8(weights)));
  for (const DType dtype : {DType::kF16, DType::kBF16, DType::kF64}) {
    TensorSet other;
    for (const auto& [name, weight] : weights) other.add(name, from_f32(to_f32(weight), dtype, weight.shape));
    write(std::string(torch_name(dtype)) + ".safetensors", encode_safetensors(other));
  }

  TensorSet parts[2];
  Json table = Json::object();
  const std::string names[2] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};
  size_t count = 0;
  for (const auto& [name, weight] : weights) {
    const size_t part = count++ < weights.size() / 2 ? 0 : 1;
    parts[part].add(name, weight);
    table[name] = names[part];
  }
  for (size_t i = 0; i < 2; ++i) write(names[i], encode_safetensors(parts[i]));
  write("model.safetensors.index.json", as_bytes(Json::object({{"weight_map", std::move(table)}}).dump()));

  const std::string code = "import torch\nprint('hello')\n";
  write("array.npz", zip_of_one_array());
  write("code.xz", encode({.id = CodecId::kLzma, .level = 6}, as_bytes(code)));
  write("model.zlib", encode({.id = CodecId::kZlib, .level = 9}, encode_safetensors(weights)));
  write("placeholder.ptz",
        encode({.id = CodecId::kZlib, .level = 9}, as_bytes(std::string("a placeholder"))));
  const std::vector<uint16_t> tokens = {1, 2, 3, 1023};
  write("prefix.xz", encode({.id = CodecId::kLzma, .level = 6}, std::as_bytes(std::span(tokens))));
  write("tokenizer.json", as_bytes(std::string(R"({"added_tokens": [], "model": {}})")));
  write("submission.json", as_bytes(std::string(R"({"name": "me", "val_bpb": 1.2})")));
  write("gzip.gz", as_bytes(std::string("\x1f\x8b\x08\0\0\0\0\0", 8)));
  write("bzip2.bz2", as_bytes(std::string("BZh91AY")));
  write("old.pt", as_bytes(std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e.", 16)));
  write("lfs.safetensors", as_bytes(std::string("version https://git-lfs.github.com/spec/v1\n")));
}

}  // namespace golf
