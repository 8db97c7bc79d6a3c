#include "support/reference_tensors.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/safetensors.h"
#include "support/reference_data.h"

namespace golf::test {

TensorSet reference_tensors(const std::string& name) {
  const std::string path = reference_data() + "/" + name;
  return parse_safetensors(read_file(path), path);
}

void expect_same_tensors(const TensorSet& found, const TensorSet& expected) {
  EXPECT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    const Tensor* other = found.find(name);
    ASSERT_NE(other, nullptr) << name;
    EXPECT_EQ(other->dtype, tensor.dtype) << name;
    EXPECT_EQ(other->shape, tensor.shape) << name;
    EXPECT_TRUE(other->bytes == tensor.bytes) << name;
  }
}

void expect_digests(const TensorSet& found, const std::string& name) {
  const Json list = read_json_file(reference_data() + "/" + name);
  EXPECT_EQ(found.size(), list.as_object().size()) << name;
  for (const auto& [tensor_name, entry] : list.as_object()) {
    const Tensor* tensor = found.find(tensor_name);
    ASSERT_NE(tensor, nullptr) << name << " " << tensor_name;
    std::string dtype = entry.at("dtype").as_string();
    if (dtype.starts_with("torch.")) dtype.erase(0, 6);
    EXPECT_EQ(torch_name(tensor->dtype), dtype) << name << " " << tensor_name;
    Shape shape;
    for (const Json& size : entry.at("shape").as_array()) shape.push_back(size.as_int());
    EXPECT_EQ(tensor->shape, shape) << name << " " << tensor_name;
    EXPECT_EQ(sha256_hex(tensor->bytes), entry.at("sha256").as_string()) << name << " " << tensor_name;
  }
}

}  // namespace golf::test
