#include "torch_files.h"

#include <zlib.h>

namespace golf::test {
namespace {

void write_sizes(ByteWriter& out, uint64_t stored, uint64_t content, bool wide) {
  if (wide) {
    out.write(stored);
    out.write(content);
  } else {
    out.write(static_cast<uint32_t>(stored));
    out.write(static_cast<uint32_t>(content));
  }
}

}  // namespace

std::string deflated(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Bytes make_zip(const std::vector<ZipEntry>& entries) {
  ByteWriter out;
  ByteWriter directory;
  for (const ZipEntry& entry : entries) {
    std::string data = entry.deflate ? deflated(entry.content) : entry.content;
    if (!entry.stored.empty()) data = entry.stored;
    const uint64_t content_size =
        entry.claimed_size >= 0 ? static_cast<uint64_t>(entry.claimed_size) : entry.content.size();
    const uint32_t crc =
        entry.crc_error ^ static_cast<uint32_t>(crc32_z(
                              0, reinterpret_cast<const Bytef*>(entry.content.data()), entry.content.size()));
    const bool descriptor = entry.descriptor_bytes > 0;
    const uint16_t flags = entry.flags | (descriptor ? 8 : 0);
    const uint16_t method = entry.deflate ? 8 : 0;
    const std::string& local_name = entry.local_name.empty() ? entry.name : entry.local_name;
    ByteWriter extra;
    if (entry.zip64) {
      extra.write(uint16_t{0x9999});  // another field first
      extra.write(uint16_t{1});
      extra.write(uint8_t{0});
      extra.write(uint16_t{1});
      extra.write(uint16_t{16});
      extra.write(content_size);
      extra.write(uint64_t{data.size()});
    }
    const uint64_t offset = out.size();
    out.write(uint32_t{0x04034b50});
    out.write(uint16_t{20});
    out.write(flags);
    out.write(method);
    out.write(uint32_t{0x12345678});  // time and date
    const bool in_extra = entry.zip64;
    out.write(descriptor ? 0 : crc);
    out.write(descriptor ? 0U : in_extra ? ~0U : static_cast<uint32_t>(data.size()));
    out.write(descriptor ? 0U : in_extra ? ~0U : static_cast<uint32_t>(content_size));
    out.write(static_cast<uint16_t>(local_name.size()));
    out.write(static_cast<uint16_t>(extra.size()));
    out.write_text(local_name);
    out.write_bytes(extra.bytes());
    out.write_text(data);
    if (descriptor) {
      if (entry.descriptor_bytes % 8 == 0) out.write(uint32_t{0x08074b50});
      out.write(crc);
      write_sizes(out, data.size(), content_size, entry.descriptor_bytes >= 20);
    }
    out.write_text(entry.rest);

    directory.write(uint32_t{0x02014b50});
    directory.write(uint32_t{0});
    directory.write(flags);
    directory.write(method);
    directory.write(uint32_t{0x12345678});
    directory.write(crc);
    directory.write(in_extra ? ~0U : static_cast<uint32_t>(data.size()));
    directory.write(in_extra ? ~0U : static_cast<uint32_t>(content_size));
    directory.write(static_cast<uint16_t>(entry.name.size()));
    directory.write(static_cast<uint16_t>(extra.size()));
    directory.write(uint16_t{0});  // comment
    directory.write(uint64_t{0});  // disk and attributes
    directory.write(static_cast<uint32_t>(offset));
    directory.write_text(entry.name);
    directory.write_bytes(extra.bytes());
  }
  const auto start = static_cast<uint32_t>(out.size());
  out.write_bytes(directory.bytes());
  out.write(uint32_t{0x06054b50});
  out.write(uint32_t{0});
  out.write(static_cast<uint16_t>(entries.size()));
  out.write(static_cast<uint16_t>(entries.size()));
  out.write(static_cast<uint32_t>(directory.size()));
  out.write(start);
  out.write(uint16_t{0});
  return out.take();
}

std::vector<ZipEntry> torch_entries(const std::string& pickle,
                                    const std::map<std::string, std::string>& storages) {
  std::vector<ZipEntry> entries = {{.name = "m/data.pkl", .content = pickle},
                                   {.name = "m/byteorder", .content = "little"}};
  for (const auto& [key, content] : storages)
    entries.push_back({.name = "m/data/" + key, .content = content});
  entries.push_back({.name = "m/version", .content = "3\n"});
  return entries;
}

Bytes torch_file(const std::string& pickle_body, const std::map<std::string, std::string>& storages) {
  return make_zip(torch_entries("\x80\x02" + pickle_body + ".", storages));
}

std::string text(const std::string& value) {
  const auto size = static_cast<uint32_t>(value.size());
  return "X" + std::string(reinterpret_cast<const char*>(&size), 4) + value;
}

std::string number(int64_t value) {
  return "\x8a\x08" + std::string(reinterpret_cast<const char*>(&value), 8);
}

std::string numbers(const std::vector<int64_t>& values) {
  std::string body = "(";
  for (const int64_t value : values) body += number(value);
  return body + "t";
}

std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

std::string storage(const std::string& type, const std::string& key, int64_t elements,
                    const std::string& location) {
  const std::string module = type == "UntypedStorage" ? "torch.storage" : "torch";
  return "(" + text("storage") + global(module, type) + text(key) + text(location) + number(elements) + "tQ";
}

std::string tensor(const std::string& storage, int64_t offset, const std::vector<int64_t>& shape,
                   const std::vector<int64_t>& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + number(offset) + numbers(shape) +
         numbers(strides) + "\x89" + global("collections", "OrderedDict") + ")RtR";
}

std::string dict_of(const std::string& value) { return "}" + text("t") + value + "s"; }

std::string floats(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

}  // namespace golf::test
