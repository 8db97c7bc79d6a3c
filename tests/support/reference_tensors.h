#pragma once

#include <string>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf::test {

/// The tensors of a safetensors file in the reference data.
TensorSet reference_tensors(const std::string& name);

/// Expects the same names (in any order), dtypes, shapes and bytes.
void expect_same_tensors(const TensorSet& found, const TensorSet& expected);

/// Expects what a `*.sha256.json` file of the reference data lists: names, dtypes, shapes and the SHA-256 of
/// the bytes.
void expect_digests(const TensorSet& found, const std::string& name);

}  // namespace golf::test
