#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <tuple>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/container/weight_reader.h"
#include "native.h"

namespace golf::python {
namespace {

using RawArray = nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>>;

/// Hands the bytes to NumPy, which frees them.
RawArray raw_array(Bytes bytes) {
  auto owned = std::make_unique<Bytes>(std::move(bytes));
  owned->reserve(1);  // an array without elements has an address, too
  auto* data = reinterpret_cast<uint8_t*>(owned->data());
  const size_t size = owned->size();
  nb::capsule owner(owned.release(), [](void* held) noexcept { delete static_cast<Bytes*>(held); });
  return RawArray(data, {size}, owner);
}

bool lacks_numpy_dtype(DType dtype) { return dtype == DType::kBF16 || is_float8(dtype); }

/// The tensor of that row: its dtype and the bytes of its elements.
/// @param widen  float32 in place of dtypes that NumPy does not have, which it holds exactly
std::tuple<std::string, RawArray> tensor(const WeightReader& reader, size_t row, bool widen) {
  Tensor values;
  {
    const nb::gil_scoped_release release;
    require(row < reader.rows().size(), "row", "no such tensor");
    values = reader.tensor(reader.rows()[row].name);
    if (widen && lacks_numpy_dtype(values.dtype)) {
      values = make_tensor<float>(DType::kF32, values.shape, to_f32(values));
    }
  }
  return {std::string(torch_name(values.dtype)), raw_array(std::move(values.bytes))};
}

}  // namespace

void bind_weights(nb::module_& module) {
  nb::class_<WeightReader>(module, "WeightReader")
      .def(
          "__init__",
          [](WeightReader* self, const std::filesystem::path& path, const std::string& key, int threads) {
            const nb::gil_scoped_release release;
            new (self) WeightReader(read_model_file(path_of(path)), threads, key);
          },
          nb::arg("path"), nb::arg("key"), nb::arg("threads"))
      .def("rows",
           [](const WeightReader& reader) {
             nb::list rows;
             for (const WeightReader::Row& row : reader.rows()) {
               Json shape = Json::array();
               for (const int64_t size : row.shape) shape.push_back(size);
               rows.append(nb::make_tuple(to_python(Json(row.name)), std::string(torch_name(row.dtype)),
                                          nb::tuple(to_python(shape))));
             }
             return rows;
           })
      .def("notes", [](const WeightReader& reader) { return reader.notes(); })
      .def("config",
           [](const WeightReader& reader) {
             return reader.spec() ? to_python(to_json(*reader.spec())) : nb::object(nb::none());
           })
      .def("tensor", &tensor, nb::arg("row"), nb::arg("widen"));
}

}  // namespace golf::python
