#pragma once

#include <map>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/formats/torch/torch_file.h"

/// Torch files made by hand, right or wrong in one chosen place.
namespace golf::test {

/// A zip entry; what is left out is filled in rightly.
struct ZipEntry {
  std::string name;
  std::string content;
  uint16_t flags = 0;
  bool deflate = false;
  bool zip64 = false;           ///< sizes stand in zip64 extra fields
  int descriptor_bytes = 0;     ///< 12, 16, 20 or 24: CRC and sizes follow the data
  std::string local_name = {};  ///< when the local header shall name another
  int64_t claimed_size = -1;    ///< when the directory shall claim another uncompressed size
  uint32_t crc_error = 0;       ///< xor-ed into the CRC, in both headers
  std::string rest = {};        ///< bytes after the data
  std::string stored = {};      ///< when the data shall be other bytes
};
Bytes make_zip(const std::vector<ZipEntry>& entries);
/// Raw deflate.
std::string deflated(const std::string& content);

/// A torch.save file around a pickle without its PROTO and STOP: protocol 2 and those storages.
Bytes torch_file(const std::string& pickle_body, const std::map<std::string, std::string>& storages = {});
std::vector<ZipEntry> torch_entries(const std::string& pickle,
                                    const std::map<std::string, std::string>& storages = {});

/// Opcodes.
std::string text(const std::string& value);               ///< BINUNICODE
std::string number(int64_t value);                        ///< LONG1 of eight bytes
std::string numbers(const std::vector<int64_t>& values);  ///< a tuple
std::string global(const std::string& module, const std::string& name);
/// BINPERSID of a storage.
std::string storage(const std::string& type, const std::string& key, int64_t elements,
                    const std::string& location = "cpu");
/// _rebuild_tensor_v2 of a storage.
std::string tensor(const std::string& storage, int64_t offset, const std::vector<int64_t>& shape,
                   const std::vector<int64_t>& strides);
/// A dict of one key, "t".
std::string dict_of(const std::string& value);
/// float32 values as bytes.
std::string floats(const std::vector<float>& values);

}  // namespace golf::test
