#include "golf/model/parameter_init.h"

#include <ATen/CPUGeneratorImpl.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/model/torch_tensors.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

void expect_drawn_alike(const Tensor& found, const Tensor& expected, const std::string& what) {
  if (draws_to_the_bit()) {
    EXPECT_TRUE(found == expected) << what;
  } else {
    EXPECT_LT(max_difference(to_torch(found), to_torch(expected)), 2e-6) << what;
  }
}

// The rounding of LAPACK's QR, which a square matrix's last column enlarges, depends on the processor: 7.1e-6
// was seen where there are AMX and AVX-512, 2e-6 at most elsewhere.
constexpr double kQrTolerance = 1e-5;

TEST(ParameterInit, EqualsUpstreamToTheBit) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string path = reference_data() + "/reference/init.safetensors";
  const TensorSet expected = parse_safetensors(read_file(path), path);
  Decoder model(find_model_preset("baseline-tiny")->model);
  init_parameters(model, {}, 1337);
  const TensorSet found = to_tensor_set(model);
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : found) expect_drawn_alike(tensor, expected.at(name), name);
}

TEST(ParameterInit, EqualsEveryEntry) {
  GOLF_NEED_REFERENCE_DATA();
  const OneThread one_thread;
  const InitConfig orthogonal{.matrices = MatrixInit::kOrthogonal};
  const auto check = [](const std::string& system, const std::string& file, const InitConfig& init,
                        const ModelConfig& config) {
    Decoder model(config);
    init_parameters(model, init, 1337);
    const TensorSet expected = without_train_only(split_banks(reference_tensors(system + "/" + file)));
    const TensorSet found = to_tensor_set(model);
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [name, tensor] : found) {
      // QR is LAPACK's, and its rounding depends on the processor.
      const bool factored = init.matrices != MatrixInit::kUpstream && tensor.rank() == 2;
      if (factored) {
        EXPECT_LT(max_difference(to_torch(tensor), to_torch(expected.at(name))), kQrTolerance)
            << system << ": " << name;
      } else {
        expect_drawn_alike(tensor, expected.at(name), system + ": " + name);
      }
    }
  };
  const auto tiny = [](const std::string& system) { return find_model_preset(system + "-tiny")->model; };
  check("pr88", "init.safetensors", {.mtp_heads = 1}, tiny("pr88"));
  check("pr1046", "init.safetensors", {}, tiny("pr1046"));
  check("pr192", "init.safetensors", orthogonal, tiny("pr192"));
  ModelConfig with_bigram = tiny("pr192");
  with_bigram.features.set("bigram_hash", {{"site", "every_layer"}, {"buckets", 512}, {"dim", 128}});
  check("pr192", "alt_init.safetensors", orthogonal, with_bigram);
  check("pr262", "init.safetensors", orthogonal, tiny("pr262"));
  check("pr993", "init.safetensors", {.matrices = MatrixInit::kOrthogonalBanks}, tiny("pr993"));
}

// data/{pr1394,pr1493,pr1855}: init.safetensors
TEST(ParameterInit, EqualsTheRecords) {
  GOLF_NEED_REFERENCE_DATA();
  const OneThread one_thread;
  for (const std::string system : {"pr1394", "pr1493", "pr1855"}) {
    const Json settings =
        read_json_file(reference_data() + "/" + system + "/config.json").at("hyperparameters");
    const bool banks = system == "pr1855";
    const InitConfig init{.matrices = banks ? MatrixInit::kOrthogonalBanksMlpLast : MatrixInit::kOrthogonal,
                          .settings = {{"qk_gain_init", settings.at("qk_gain_init").as_double()}}};
    Decoder model(find_model_preset(system + "-tiny")->model);
    init_parameters(model, init, settings.at("seed").as_uint());
    const TensorSet expected = split_banks(reference_tensors(system + "/init.safetensors"));
    const TensorSet found = to_tensor_set(model);
    ASSERT_EQ(found.size(), expected.size());
    // The QR of a square matrix enlarges what its draw is off, too.
    const double allowed = draws_to_the_bit() ? kQrTolerance : 2e-5;
    for (const auto& [name, tensor] : found) {
      EXPECT_LT(max_difference(to_torch(tensor), to_torch(expected.at(name))), allowed)
          << system << ": " << name;
    }
    expect_drawn_alike(found.at("tok_emb.weight"), expected.at("tok_emb.weight"),
                       system + ": tok_emb.weight");
  }
}

/// The draws of the upstream program, one after another. Source: docs/SUBMISSIONS.md, upstream reference,
/// Model.
TEST(ParameterInit, DrawsAsUpstreamDoes) {
  const ModelConfig config = small_config();
  Decoder model(config);
  init_parameters(model, {}, 1337);
  const auto parameters = model->named_parameters();

  at::Generator generator = at::detail::createCPUGenerator(1337);
  const auto drawn = [&](int64_t rows, int64_t columns) {
    const double bound = 1 / std::sqrt(static_cast<double>(columns));
    return at::empty({rows, columns}).uniform_(-bound, bound, generator);
  };
  at::empty({config.vocab_size, config.model_dim}).normal_(0.0, 1.0, generator);  // the embedding's default
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    const std::string block = "blocks." + std::to_string(layer);
    const auto expect_next = [&](const std::string& name, int64_t rows, int64_t columns,
                                 bool zeroed = false) {
      const torch::Tensor found = parameters[block + name], expected = drawn(rows, columns);
      if (zeroed) {
        EXPECT_TRUE(found.eq(0).all().item<bool>()) << block << name;
      } else {
        EXPECT_LT(max_difference(found, expected), 1e-8) << block << name;
      }
    };
    expect_next(".attn.c_q.weight", config.model_dim, config.model_dim);
    expect_next(".attn.c_k.weight", config.kv_dim(), config.model_dim);
    expect_next(".attn.c_v.weight", config.kv_dim(), config.model_dim);
    expect_next(".attn.proj.weight", config.model_dim, config.model_dim, /*zeroed=*/true);
    expect_next(".mlp.fc.weight", config.mlp_hidden, config.model_dim);
    expect_next(".mlp.proj.weight", config.model_dim, config.mlp_hidden, /*zeroed=*/true);
  }
  const torch::Tensor embedding =
      at::empty({config.vocab_size, config.model_dim}).normal_(0.0, 0.005, generator);
  EXPECT_TRUE(at::equal(parameters["tok_emb.weight"], embedding));
}

TEST(ParameterInit, GivesEveryControlItsStartingValue) {
  Decoder model(small_config());
  init_parameters(model, {.settings = {{"qk_gain_init", 2.5}}}, 1);
  const auto parameters = model->named_parameters();
  EXPECT_TRUE(parameters["skip_weights"].eq(1).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.attn.q_gain"].eq(2.5).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.resid_mix"][0].eq(1).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.resid_mix"][1].eq(0).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.attn.proj.weight"].eq(0).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.mlp.proj.weight"].eq(0).all().item<bool>());
  const double bound = 1 / std::sqrt(24.0);
  const torch::Tensor fc = parameters["blocks.3.mlp.fc.weight"].abs();
  EXPECT_LE(fc.max().item<double>(), bound);
  EXPECT_GT(fc.max().item<double>(), 0.9 * bound);
}

TEST(ParameterInit, DependsOnTheSeedAlone) {
  Decoder first(small_config()), second(small_config()), third(small_config());
  init_parameters(first, {}, 3);
  at::rand({100});  // the global generator has no part in it
  init_parameters(second, {}, 3);
  init_parameters(third, {}, 4);
  const torch::Tensor a = first->named_parameters()["tok_emb.weight"];
  EXPECT_TRUE(at::equal(a, second->named_parameters()["tok_emb.weight"]));
  EXPECT_FALSE(at::equal(a, third->named_parameters()["tok_emb.weight"]));
}

TEST(ParameterInit, DrawsAnUntiedEmbeddingWideAndZeroesTheHead) {
  ModelConfig config = small_config();
  config.tie_embeddings = false;
  Decoder model(config);
  init_parameters(model, {}, 3);
  EXPECT_NEAR(model->named_parameters()["tok_emb.weight"].std().item<double>(), 1.0, 0.1);
  EXPECT_TRUE(model->named_parameters()["lm_head.weight"].eq(0).all().item<bool>());
}

}  // namespace
}  // namespace golf::test
