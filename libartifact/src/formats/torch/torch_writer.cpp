#include "formats/torch/pickle_writer.h"
#include "formats/torch/zip_writer.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {

Bytes encode_torch_file(const TorchValue& root) {
  if (!std::holds_alternative<TorchValue::Dict>(root.value)) {
    fail(ErrorCode::kInvalidArgument, "torch file: the root must be a dict");
  }
  const pickle::Pickle pickle = pickle::write_pickle(root);
  ZipWriter zip("archive");
  zip.add("data.pkl", pickle.bytes);
  zip.add(".format_version", as_bytes("1"));
  zip.add(".storage_alignment", as_bytes(std::to_string(ZipWriter::kAlignment)));
  zip.add("byteorder", as_bytes("little"));
  for (size_t i = 0; i < pickle.storages.size(); ++i) {
    zip.add("data/" + std::to_string(i), pickle.storages[i]->bytes);
  }
  zip.add("version", as_bytes("3\n"));
  zip.add(".data/serialization_id", as_bytes(zip.serialization_id()));
  return zip.finish();
}

}  // namespace golf
