//===- ModelFiles.cpp - A model as it lies on disk ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/ModelFiles.h"

#include "compress/Import/Expression.h"
#include "compress/Support/ElementType.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;
using namespace mlir::compress;

Error StoredTensor::fail(const Twine &message) const {
  return makeFileError(file, "tensor \"" + name + "\": " + message);
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

std::string mlir::compress::str(const TensorView &view) {
  SmallVector<std::string> parts;
  if (view.stacked)
    parts.push_back(("stacked = " + Twine(*view.stacked)).str());
  if (view.transposed)
    parts.push_back("transposed");
  if (view.rows)
    parts.push_back(
        ("rows = " + Twine(view.rows->first) + ":" + Twine(view.rows->second))
            .str());
  if (view.offset != 0)
    parts.push_back("offset = " + str(ScalarValue(double(view.offset))));
  if (parts.empty())
    return view.tensor;
  return view.tensor + "{" + join(parts, ", ") + "}";
}

TensorView mlir::compress::parseTensorView(StringRef text) {
  TensorView whole, view;
  whole.tensor = text.str();
  auto [name, list] = text.rsplit('{');
  view.tensor = name.str();
  if (!list.consume_back("}"))
    return whole;
  SmallVector<StringRef> parts;
  list.split(parts, ", ");
  for (StringRef part : parts) {
    std::pair<int64_t, int64_t> rows;
    int64_t count;
    if (part.consume_front("stacked = ") && !part.getAsInteger(10, count)) {
      view.stacked = count;
    } else if (part == "transposed") {
      view.transposed = true;
    } else if (part.consume_front("rows = ") &&
               !part.consumeInteger(10, rows.first) &&
               part.consume_front(":") && !part.getAsInteger(10, rows.second)) {
      view.rows = rows;
    } else if (double offset;
               part.consume_front("offset = ") && !part.getAsDouble(offset)) {
      view.offset = static_cast<float>(offset);
    } else {
      return whole;
    }
  }
  return view;
}

/// Exchanges rows and columns of `tensor`.
static Error transpose(StoredTensor &tensor) {
  bool isPlain = tensor.format && tensor.format->valuesPerBlock == 1;
  if (tensor.shape.size() != 2 || !isPlain)
    return tensor.fail("can't be transposed: it is no matrix of plain numbers; "
                       "convert the model to F32, F16 or BF16");
  tensor.columnStride = tensor.shape[1];
  std::swap(tensor.shape[0], tensor.shape[1]);
  return Error::success();
}

/// The number format of a weight in several arrays.
static const EncodingSpec &getNumberFormat(const EncodingSpec &spec) {
  return spec.kind == EncodingSpec::Kind::Permuted ? spec.values.getEncoding()
                                                   : spec;
}

/// Rows that a block of a weight in several arrays has; 1 also where it has all
/// of them, since then some of them may be left.
static int64_t getBlockRows(const StoredTensor &tensor) {
  EncodingSpec spec = tensor.getEncoding();
  return std::max<int64_t>(getNumberFormat(spec).block[0], 1);
}

/// Leaves rows [first, end) of `tensor`.
static Error sliceRows(StoredTensor &tensor,
                       std::pair<int64_t, int64_t> range) {
  auto [first, end] = range;
  if (tensor.shape.empty() || first < 0 || first > end || end > tensor.shape[0])
    return tensor.fail("has no rows " + Twine(first) + " to " + Twine(end) +
                       "; its shape is " + strShape(tensor.shape));
  if (!tensor.weights.empty()) {
    int64_t rows = getBlockRows(tensor);
    if (first % rows != 0 || (end % rows != 0 && end != tensor.shape[0]))
      return tensor.fail("has blocks of " + Twine(rows) + " rows, which rows " +
                         Twine(first) + " to " + Twine(end) + " would cut");
    tensor.weightRows = range;
  } else if (tensor.columnStride) {
    // Elements that are not the rows' own lie between theirs.
    tensor.data = tensor.data.drop_front(first * tensor.format->bytesPerBlock);
  } else {
    // Blocks run along rows, so that a row has whole bytes.
    if (tensor.shape.size() == 1 && tensor.format &&
        tensor.format->valuesPerBlock != 1)
      return tensor.fail("is a vector in blocks, which can't be cut");
    size_t rowBytes = tensor.data.size() / tensor.shape[0];
    tensor.data = tensor.data.slice(first * rowBytes, (end - first) * rowBytes);
  }
  tensor.shape[0] = end - first;
  return Error::success();
}

std::string TensorView::getStackedName(int64_t index) const {
  auto [before, after] = StringRef(tensor).split("{index}");
  if (before.size() == tensor.size())
    return tensor;
  return (before + Twine(index) + after).str();
}

Expected<StoredTensor> ModelFiles::stack(const TensorView &view) const {
  StoredTensor result;
  SmallVector<std::shared_ptr<const CheckpointWeight>, 0> weights;
  for (int64_t i = 0; i < *view.stacked; ++i) {
    std::string name = view.getStackedName(i);
    const StoredTensor *tensor = findTensor(name);
    if (!tensor)
      return makeFileError(path, "lacks the tensor \"" + name + "\", one of " +
                                     Twine(*view.stacked) +
                                     " that belong together");
    if (i == 0)
      result = *tensor;
    else if (tensor->shape != result.shape || tensor->format != result.format ||
             tensor->weights.size() != result.weights.size() ||
             (!tensor->weights.empty() &&
              tensor->getEncoding() != result.getEncoding()))
      return tensor->fail("has another shape or type than \"" +
                          view.getStackedName(0) +
                          "\", with which it belongs together");
    result.parts.push_back(tensor->data);
    append_range(weights, tensor->weights);
  }
  result.weights = std::move(weights);
  result.shape.insert(result.shape.begin(), *view.stacked);
  result.data = {};
  return result;
}

Expected<const StoredTensor *> ModelFiles::findView(const TensorView &view) {
  const StoredTensor *stored =
      findTensor(view.stacked ? view.getStackedName(0) : view.tensor);
  if (!stored || view.isWhole())
    return stored;
  if (view.stacked &&
      (*view.stacked < 1 || view.transposed || view.rows || view.offset != 0))
    return stored->fail("can't be read as " + str(view) +
                        ": stacks are of one tensor or more, each as it is");
  std::unique_ptr<OwnedView> &entry = views[str(view)];
  if (entry)
    return &entry->tensor;
  auto made = std::make_unique<OwnedView>();
  StoredTensor &tensor = made->tensor;
  tensor = *stored;
  if (view.stacked) {
    Expected<StoredTensor> all = stack(view);
    if (!all)
      return all.takeError();
    tensor = std::move(*all);
  }
  if (view.transposed)
    if (Error error = transpose(tensor))
      return error;
  if (view.rows)
    if (Error error = sliceRows(tensor, *view.rows))
      return error;
  tensor.name = str(view);
  if (view.offset != 0) {
    if (tensor.shape.size() != 1)
      return tensor.fail("is no vector, so that nothing can be added to it");
    Expected<std::vector<float>> values = tensor.decode();
    if (!values)
      return values.takeError();
    for (float &value : *values)
      value += view.offset;
    const auto *bytes = reinterpret_cast<const uint8_t *>(values->data());
    made->bytes.assign(bytes, bytes + values->size() * sizeof(float));
    tensor.data = made->bytes;
    tensor.typeName = "F32";
    tensor.format = findStorageFormat(StringRef("F32"));
  }
  entry = std::move(made);
  return &entry->tensor;
}

/// The bytes of a transposed view, row-major.
static std::vector<uint8_t> gatherTransposed(const StoredTensor &tensor) {
  size_t width = tensor.format->bytesPerBlock;
  int64_t rows = tensor.shape[0], columns = tensor.shape[1];
  std::vector<uint8_t> bytes(rows * columns * width);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      std::memcpy(&bytes[(row * columns + column) * width],
                  &tensor.data[(column * tensor.columnStride + row) * width],
                  width);
  return bytes;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

StringRef mlir::compress::str(SourceKind kind) {
  switch (kind) {
  case SourceKind::GGUF:
    return "gguf";
  case SourceKind::HuggingFace:
    return "huggingface";
  }
  llvm_unreachable("covered switch");
}

ModelFiles::~ModelFiles() = default;

const StoredTensor *ModelFiles::findTensor(StringRef name) const {
  auto it = indices.find(name);
  return it == indices.end() ? nullptr : &tensors[it->second];
}

bool ModelFiles::addTensor(StoredTensor tensor) {
  if (!indices.try_emplace(tensor.name, tensors.size()).second)
    return false;
  tensors.push_back(std::move(tensor));
  return true;
}

Expected<std::unique_ptr<ModelFiles>> ModelFiles::open(StringRef path) {
  if (!sys::fs::exists(path))
    return makeFileError(path, "does not exist; name a GGUF file or a Hugging "
                               "Face folder");
  if (sys::fs::is_directory(path))
    return openHuggingFaceModel(path);
  return openGGUFModel(path);
}

//===----------------------------------------------------------------------===//
// Contents
//===----------------------------------------------------------------------===//

/// The encoding of a stack of tensors of this one.
static EncodingSpec stackEncoding(EncodingSpec spec) {
  if (spec.values.isEncoding())
    spec.values = Part(stackEncoding(spec.values.getEncoding()));
  if (!spec.block.empty())
    spec.block.insert(spec.block.begin(), 1);
  return spec;
}

EncodingSpec StoredTensor::getEncoding() const {
  if (weights.empty())
    return format->getEncoding(shape.size());
  EncodingSpec spec = weights.front()->getEncoding();
  return shape.size() == 2 ? spec : stackEncoding(std::move(spec));
}

int64_t StoredTensor::getStoredBytes() const {
  int64_t bytes = data.size();
  for (ArrayRef<uint8_t> part : parts)
    bytes += part.size();
  for (const std::shared_ptr<const CheckpointWeight> &weight : weights)
    bytes += weight->getBytes();
  return bytes;
}

std::string StoredTensor::getArchive() const {
  return weights.empty() ? sys::path::filename(file).str() : "config.json";
}

/// Leaves rows [first, end) of a weight's components.
static void sliceComponents(const CheckpointWeight &weight,
                            std::pair<int64_t, int64_t> range,
                            SmallVectorImpl<ComponentData> &components) {
  const EncodingSpec &spec = weight.getEncoding();
  for (auto [part, data] :
       zip_equal(getComponents(spec, weight.getShape()), components)) {
    int64_t rows = part.logicalShape[0];
    // What all rows share stays: the order of columns, a scale of the tensor.
    if (part.logicalShape.size() != 2 ||
        (rows == 1 && rows != weight.getShape()[0]))
      continue;
    int64_t height = divideCeil(weight.getShape()[0], rows);
    int64_t rowBytes = data.size() / rows;
    int64_t first = range.first / height * rowBytes;
    int64_t end = divideCeil(range.second, height) * rowBytes;
    data = ComponentData(data.begin() + first, data.begin() + end);
  }
}

/// The components of a weight in several arrays, or of a stack.
static Expected<SmallVector<ComponentData>>
unpackWeights(const StoredTensor &tensor) {
  SmallVector<ComponentData> result;
  bool isPermuted = tensor.getEncoding().kind == EncodingSpec::Kind::Permuted;
  for (const std::shared_ptr<const CheckpointWeight> &weight : tensor.weights) {
    Expected<SmallVector<ComponentData>> components = weight->unpack();
    if (!components)
      return tensor.fail(toString(components.takeError()));
    if (tensor.weightRows)
      sliceComponents(*weight, *tensor.weightRows, *components);
    if (result.empty()) {
      result = std::move(*components);
      continue;
    }
    if (isPermuted && result[0] != (*components)[0])
      return tensor.fail("its matrices have their columns in different "
                         "orders, which a stack can't have");
    for (size_t i = isPermuted; i < result.size(); ++i)
      append_range(result[i], (*components)[i]);
  }
  return result;
}

Expected<SmallVector<ComponentData>> StoredTensor::unpack() const {
  if (!weights.empty())
    return unpackWeights(*this);
  if (!format)
    return fail("has the type " + typeName + ", which can't be read");
  std::vector<uint8_t> gathered;
  if (columnStride)
    gathered = gatherTransposed(*this);
  for (ArrayRef<uint8_t> part : parts)
    append_range(gathered, part);
  bool isGathered = columnStride || !parts.empty();
  Expected<SmallVector<ComponentData>> components =
      unpackBlocks(*format, shape, isGathered ? ArrayRef(gathered) : data);
  if (!components)
    return fail(toString(components.takeError()));
  return components;
}

Expected<std::vector<float>> StoredTensor::decode() const {
  Expected<SmallVector<ComponentData>> components = unpack();
  if (!components)
    return components.takeError();
  SmallVector<ArrayRef<uint8_t>> views(components->begin(), components->end());
  std::vector<float> values(*countElements(shape));
  if (Error error = compress::decode(getEncoding(), shape, views, values))
    return fail(toString(std::move(error)));
  return values;
}
