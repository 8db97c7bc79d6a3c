#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/container/model_file.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// golf: the project's own container (docs/FORMAT.md). ptz: the dictionary that the submissions' own Python
/// loads.
enum class ArtifactFormat { kGolf, kPtz };
std::string_view format_name(ArtifactFormat format);

/// Everything an artifact says about itself besides the weights.
struct ArtifactInfo {
  ArtifactFormat format = ArtifactFormat::kGolf;
  std::optional<ModelSpec> spec = {};
  CodecSpec codec = {};
  std::string recipe = {};                             ///< name of the recipe; empty when unknown
  std::map<std::string, std::string> provenance = {};  ///< "tool", "source_sha256", codec library versions, …
  std::string ptz_layout = {};                         ///< "int8_clean", …; for kPtz
  /// The parameter banks of the checkpoint that was packed ("qo_bank", …), which the artifact holds matrix by
  /// matrix. A .golf file records them; in a .ptz the order of the tensors tells.
  std::vector<std::string> banks = {};
  int ptz_byte_shuffle = 0;  ///< stride of the BSHF wrapper under the codec, 0: none; for kPtz
  /// The tensor table is compressed by zlib, which Python has, not by brotli; for kGolf.
  bool python_readable = false;
};

/// An artifact taken apart.
struct Artifact {
  ArtifactInfo info = {};
  StoredModel model = {};
};

/// Serializes. Deterministic: the same artifact gives the same bytes whatever `threads`. The .golf container
/// adds provenance "codec_library" when it is not given.
/// @throws Error kUnsupported when the format cannot hold a tensor's scheme, naming both
Bytes encode_artifact(const Artifact& artifact, int threads = 0, const ProgressSink& progress = {});

/// Reads either format, checking everything but whether passthrough floats are finite (quantize() and
/// load_model() do). `threads` speeds up decompression only. @throws Error naming `what`
Artifact decode_artifact(ByteView bytes, const std::string& what, int threads = 0);

/// The ptz_layout of a dictionary that has none of the known layouts.
inline constexpr std::string_view kUnknownPtzLayout = "unknown";

/// Labels every byte of an artifact. For kGolf this reads header and metadata only, so damaged weights go
/// unseen; a .ptz has to be decompressed, and its rows are all apportioned. Of a dictionary that has none of
/// the known layouts the tensors are listed as they lie there, under "KEY/KEY/…", with that layout:
/// decode_artifact() refuses such a file.
struct ArtifactSummary {
  ArtifactInfo info = {};
  SizeMap sizes = {};
  /// Names, schemes, dtypes; values and scales have shapes but no bytes.
  std::vector<StoredTensor> tensors = {};
};
ArtifactSummary summarize_artifact(ByteView bytes, const std::string& what);

/// Provenance: LoadedModel::tied_head.
inline constexpr const char* kTiedHeadKey = "tied_head";
/// The embedding to which an output head of that name is tied: where one has a wrapper's prefix, both do.
std::string tied_embedding(std::string_view head);

/// Any model file: checkpoint or artifact, told by content. For artifacts the tensors are dequantized;
/// parameter banks in a checkpoint are split into their matrices.
struct LoadedModel {
  TensorSet tensors = {};
  std::optional<ModelSpec> spec = {};
  std::optional<Artifact> artifact = {};  ///< what the file stores, when it is an artifact
  std::vector<std::string> banks = {};    ///< of the checkpoint, or of the one that the artifact was made of
  uint64_t file_bytes = 0;
  /// The output head that the checkpoint held beside the embedding with the same values; empty: none. An
  /// artifact records it in its provenance.
  std::string tied_head = {};
  /// What was done to a checkpoint's names, parts and dictionaries to read it: sentences for people.
  std::vector<std::string> notes = {};

  /// The tensors by the names and in the shapes of the checkpoint itself, its parameter banks joined again
  /// and a tied head beside the embedding. Prefixes of wrappers stay away.
  /// @throws Error kMismatch naming a matrix that a bank lacks
  TensorSet own_tensors() const;
  /// SHA-256 of the tokenizer that the file says it was made with; empty: it does not say.
  std::string tokenizer_sha256() const;
};
/// Tensors come in inventory order when a spec is known (`spec_override` wins over the file's own), and are
/// then checked against it. Weights that are not finite are refused, but in a checkpoint without a spec.
/// A path may be a checkpoint in parts (read_model_file()), and a torch file may nest its state dict under
/// `key` (parse_checkpoint()). A head stored beside an embedding of the same values is taken as tied.
/// @throws Error, naming `path`, and the tensor with what was expected and found
LoadedModel load_model(const std::string& path, const std::optional<ModelSpec>& spec_override,
                       int threads = 0, const std::string& key = {});
LoadedModel load_model(const ModelFile& file, const std::optional<ModelSpec>& spec_override, int threads = 0,
                       const std::string& key = {});
LoadedModel load_model(ByteView bytes, const std::string& what, const std::optional<ModelSpec>& spec_override,
                       int threads = 0, const std::string& key = {});

}  // namespace golf
