//===- TensorOps.cpp - Meaning of tensor ----------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cstring>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

namespace {
/// Some of a tensor's elements, counted in elements from its first one.
struct View {
  int64_t offset = 0;
  SmallVector<int64_t> strides;
};
} // namespace

/// Copies `shape` elements of `bytes` bytes each between two views.
static void copyElements(ArrayRef<int64_t> shape, int64_t bytes,
                         const uint8_t *from, ArrayRef<int64_t> fromStrides,
                         uint8_t *to, ArrayRef<int64_t> toStrides) {
  if (shape.empty()) {
    std::memcpy(to, from, bytes);
    return;
  }
  for (int64_t i = 0; i < shape.front(); ++i)
    copyElements(shape.drop_front(), bytes,
                 from + i * fromStrides.front() * bytes,
                 fromStrides.drop_front(), to + i * toStrides.front() * bytes,
                 toStrides.drop_front());
}

static void copyElements(ArrayRef<int64_t> shape, const HostTensor &from,
                         const View &fromView, HostTensor &to,
                         const View &toView) {
  if (ShapedType::getNumElements(shape) == 0)
    return;
  int64_t bytes = getElementBytes(from.getType().getElementType());
  copyElements(shape, bytes, from.getBytes().data() + fromView.offset * bytes,
               fromView.strides,
               to.getMutableBytes().data() + toView.offset * bytes,
               toView.strides);
}

static View getWhole(ArrayRef<int64_t> shape) { return {0, getStrides(shape)}; }

/// The view of a slice, which must lie within `shape`.
static llvm::Expected<View> getSlice(Operation *op, ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> offsets,
                                     ArrayRef<int64_t> sizes,
                                     ArrayRef<int64_t> strides) {
  View view = getWhole(shape);
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    int64_t last = offsets[dim] + (size - 1) * strides[dim];
    if (size < 0 || offsets[dim] < 0 ||
        (size > 0 && (last < 0 || last >= shape[dim])))
      return makeOpError(op, "the slice leaves dimension " + llvm::Twine(dim) +
                                 " of size " + llvm::Twine(shape[dim]));
    view.offset += offsets[dim] * view.strides[dim];
    view.strides[dim] *= strides[dim];
  }
  return view;
}

static HostTensor makeTensor(Value like, ArrayRef<int64_t> shape) {
  return HostTensor(RankedTensorType::get(
      shape, cast<RankedTensorType>(like.getType()).getElementType()));
}

//===----------------------------------------------------------------------===//
// Making tensors
//===----------------------------------------------------------------------===//

/// `type`'s shape with the dynamic sizes taken from `sizes`, in order.
static SmallVector<int64_t> fillShape(RankedTensorType type, ValueRange sizes,
                                      Interpreter &interpreter) {
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t &size : shape)
    if (ShapedType::isDynamic(size)) {
      size = interpreter.getIndex(sizes.front());
      sizes = sizes.drop_front();
    }
  return shape;
}

static llvm::Error checkPlain(Operation *op, RankedTensorType type) {
  if (type.getEncoding())
    return makeOpError(op, "only plain tensors can be made element by element");
  return llvm::Error::success();
}

static llvm::Error evaluateEmpty(Operation *op, Interpreter &interpreter) {
  auto empty = cast<tensor::EmptyOp>(op);
  if (llvm::Error error = checkPlain(op, empty.getType()))
    return error;
  HostTensor result = makeTensor(
      empty, fillShape(empty.getType(), empty.getDynamicSizes(), interpreter));
  // The contents are undefined. All ones is NaN in the float types, so that a
  // program that reads them shows it.
  llvm::fill(result.getMutableBytes(), 0xff);
  return interpreter.set(empty, std::move(result));
}

static llvm::Error evaluateSplat(Operation *op, Interpreter &interpreter) {
  auto splat = cast<tensor::SplatOp>(op);
  HostTensor result = makeTensor(
      splat, fillShape(splat.getType(), splat.getDynamicSizes(), interpreter));
  const Scalar &value = interpreter.getScalar(splat.getInput());
  for (int64_t i = 0; i < result.getNumElements(); ++i)
    result.set(i, value);
  return interpreter.set(splat, std::move(result));
}

static llvm::Error evaluateFromElements(Operation *op,
                                        Interpreter &interpreter) {
  auto make = cast<tensor::FromElementsOp>(op);
  HostTensor result = makeTensor(make, make.getType().getShape());
  for (auto [position, element] : llvm::enumerate(make.getElements()))
    result.set(position, interpreter.getScalar(element));
  return interpreter.set(make, std::move(result));
}

/// Calls `visit` with every index below `shape`, in row-major order.
static llvm::Error
forEachIndex(ArrayRef<int64_t> shape,
             function_ref<llvm::Error(ArrayRef<int64_t>)> visit) {
  SmallVector<int64_t> index(shape.size());
  for (int64_t i = 0, n = ShapedType::getNumElements(shape); i < n; ++i) {
    int64_t rest = i;
    for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
      index[dim] = rest % shape[dim];
      rest /= shape[dim];
    }
    if (llvm::Error error = visit(index))
      return error;
  }
  return llvm::Error::success();
}

/// What the region of tensor.generate or tensor.pad yields for an index.
static llvm::Expected<Scalar> runAt(Block &block, ArrayRef<int64_t> index,
                                    Interpreter &interpreter) {
  SmallVector<RuntimeValue> arguments;
  for (auto [argument, i] : llvm::zip_equal(block.getArguments(), index))
    arguments.push_back(Scalar::getInteger(argument.getType(), i));
  llvm::Expected<SmallVector<RuntimeValue>> yielded =
      interpreter.runBlock(block, arguments);
  if (!yielded)
    return yielded.takeError();
  return std::get<Scalar>(yielded->front());
}

static llvm::Error evaluateGenerate(Operation *op, Interpreter &interpreter) {
  auto generate = cast<tensor::GenerateOp>(op);
  auto type = cast<RankedTensorType>(generate.getType());
  HostTensor result = makeTensor(
      generate, fillShape(type, generate.getDynamicExtents(), interpreter));
  int64_t position = 0;
  llvm::Error error = forEachIndex(
      result.getShape(), [&](ArrayRef<int64_t> index) -> llvm::Error {
        auto value = runAt(generate.getBody().front(), index, interpreter);
        if (!value)
          return value.takeError();
        result.set(position++, *value);
        return llvm::Error::success();
      });
  if (error)
    return error;
  return interpreter.set(generate, std::move(result));
}

static llvm::Error evaluatePad(Operation *op, Interpreter &interpreter) {
  auto pad = cast<tensor::PadOp>(op);
  HostTensor source = interpreter.getTensor(pad.getSource());
  SmallVector<int64_t> low = interpreter.getIndices(pad.getMixedLowPad());
  SmallVector<int64_t> high = interpreter.getIndices(pad.getMixedHighPad());
  SmallVector<int64_t> shape(source.getShape());
  for (auto [size, before, after] : llvm::zip_equal(shape, low, high)) {
    if (before < 0 || after < 0)
      return makeOpError(op, "padding can't be negative");
    size += before + after;
  }
  HostTensor result = makeTensor(pad, shape);
  int64_t position = 0;
  llvm::Error error =
      forEachIndex(shape, [&](ArrayRef<int64_t> index) -> llvm::Error {
        auto value = runAt(pad.getRegion().front(), index, interpreter);
        if (!value)
          return value.takeError();
        result.set(position++, *value);
        return llvm::Error::success();
      });
  if (error)
    return error;
  View view = getWhole(shape);
  for (auto [before, stride] : llvm::zip(low, view.strides))
    view.offset += before * stride;
  copyElements(source.getShape(), source, getWhole(source.getShape()), result,
               view);
  return interpreter.set(pad, std::move(result));
}

//===----------------------------------------------------------------------===//
// Elements and sizes
//===----------------------------------------------------------------------===//

static llvm::Error evaluateDim(Operation *op, Interpreter &interpreter) {
  auto dim = cast<tensor::DimOp>(op);
  ArrayRef<int64_t> shape = interpreter.getTensor(dim.getSource()).getShape();
  int64_t index = interpreter.getIndex(dim.getIndex());
  if (index < 0 || index >= static_cast<int64_t>(shape.size()))
    return makeOpError(op, "the tensor has no dimension " + llvm::Twine(index));
  return interpreter.set(dim, Scalar::getInteger(dim.getType(), shape[index]));
}

/// The position of an element, which must lie within `shape`.
static llvm::Expected<int64_t> getPosition(Operation *op,
                                           ArrayRef<int64_t> shape,
                                           ValueRange indices,
                                           Interpreter &interpreter) {
  int64_t position = 0;
  for (auto [dim, value] : llvm::enumerate(indices)) {
    int64_t index = interpreter.getIndex(value);
    if (index < 0 || index >= shape[dim])
      return makeOpError(
          op, "index " + llvm::Twine(index) + " lies outside of dimension " +
                  llvm::Twine(dim) + " of size " + llvm::Twine(shape[dim]));
    position = position * shape[dim] + index;
  }
  return position;
}

static llvm::Error evaluateExtract(Operation *op, Interpreter &interpreter) {
  auto extract = cast<tensor::ExtractOp>(op);
  llvm::Expected<HostTensor> source = interpreter.getPlain(extract.getTensor());
  if (!source)
    return atOp(op, source.takeError());
  llvm::Expected<int64_t> position =
      getPosition(op, source->getShape(), extract.getIndices(), interpreter);
  if (!position)
    return position.takeError();
  return interpreter.set(extract, source->get(*position));
}

static llvm::Error evaluateInsert(Operation *op, Interpreter &interpreter) {
  auto insert = cast<tensor::InsertOp>(op);
  HostTensor result = interpreter.getTensor(insert.getDest());
  if (llvm::Error error = checkPlain(op, result.getType()))
    return error;
  llvm::Expected<int64_t> position =
      getPosition(op, result.getShape(), insert.getIndices(), interpreter);
  if (!position)
    return position.takeError();
  result.set(*position, interpreter.getScalar(insert.getScalar()));
  return interpreter.set(insert, std::move(result));
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

static llvm::Error evaluateExtractSlice(Operation *op,
                                        Interpreter &interpreter) {
  auto extract = cast<tensor::ExtractSliceOp>(op);
  llvm::Expected<HostTensor> source = interpreter.getPlain(extract.getSource());
  if (!source)
    return atOp(op, source.takeError());
  SmallVector<int64_t> sizes = interpreter.getIndices(extract.getMixedSizes());
  llvm::Expected<View> view = getSlice(
      op, source->getShape(), interpreter.getIndices(extract.getMixedOffsets()),
      sizes, interpreter.getIndices(extract.getMixedStrides()));
  if (!view)
    return view.takeError();
  HostTensor result = makeTensor(extract, sizes);
  copyElements(sizes, *source, *view, result, getWhole(sizes));
  SmallVector<int64_t> kept;
  llvm::SmallBitVector dropped = extract.getDroppedDims();
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!dropped.test(dim))
      kept.push_back(size);
  return interpreter.set(extract, result.reshape(kept));
}

static llvm::Error evaluateInsertSlice(Operation *op,
                                       Interpreter &interpreter) {
  auto insert = cast<tensor::InsertSliceOp>(op);
  llvm::Expected<HostTensor> source = interpreter.getPlain(insert.getSource());
  if (!source)
    return atOp(op, source.takeError());
  HostTensor result = interpreter.getTensor(insert.getDest());
  if (llvm::Error error = checkPlain(op, result.getType()))
    return error;
  SmallVector<int64_t> sizes = interpreter.getIndices(insert.getMixedSizes());
  if (ShapedType::getNumElements(sizes) != source->getNumElements())
    return makeOpError(op, "the source does not fill the slice");
  llvm::Expected<View> view = getSlice(
      op, result.getShape(), interpreter.getIndices(insert.getMixedOffsets()),
      sizes, interpreter.getIndices(insert.getMixedStrides()));
  if (!view)
    return view.takeError();
  copyElements(sizes, *source, getWhole(sizes), result, *view);
  return interpreter.set(insert, std::move(result));
}

static llvm::Error evaluateConcat(Operation *op, Interpreter &interpreter) {
  auto concat = cast<tensor::ConcatOp>(op);
  uint64_t dim = concat.getDim();
  SmallVector<HostTensor> parts;
  for (Value input : concat.getInputs()) {
    llvm::Expected<HostTensor> part = interpreter.getPlain(input);
    if (!part)
      return atOp(op, part.takeError());
    parts.push_back(std::move(*part));
  }
  SmallVector<int64_t> shape(parts.front().getShape());
  for (const HostTensor &part : llvm::drop_begin(parts)) {
    for (auto [d, size] : llvm::enumerate(part.getShape()))
      if (d != dim && size != shape[d])
        return makeOpError(op, "parts differ in dimension " + llvm::Twine(d));
    shape[dim] += part.getShape()[dim];
  }
  HostTensor result = makeTensor(concat, shape);
  View view = getWhole(shape);
  for (const HostTensor &part : parts) {
    copyElements(part.getShape(), part, getWhole(part.getShape()), result,
                 view);
    view.offset += part.getShape()[dim] * view.strides[dim];
  }
  return interpreter.set(concat, std::move(result));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static llvm::Error setReshaped(Operation *op, Value source,
                               ArrayRef<int64_t> shape,
                               Interpreter &interpreter) {
  llvm::Expected<HostTensor> plain = interpreter.getPlain(source);
  if (!plain)
    return atOp(op, plain.takeError());
  if (ShapedType::getNumElements(shape) != plain->getNumElements())
    return makeOpError(op, "the new shape has " +
                               llvm::Twine(ShapedType::getNumElements(shape)) +
                               " elements, the tensor has " +
                               llvm::Twine(plain->getNumElements()));
  return interpreter.set(op->getResult(0), plain->reshape(shape));
}

static llvm::Error evaluateCollapse(Operation *op, Interpreter &interpreter) {
  auto collapse = cast<tensor::CollapseShapeOp>(op);
  ArrayRef<int64_t> from = interpreter.getTensor(collapse.getSrc()).getShape();
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
    shape.push_back(1);
    for (int64_t dim : group)
      shape.back() *= from[dim];
  }
  return setReshaped(op, collapse.getSrc(), shape, interpreter);
}

static llvm::Error evaluateExpand(Operation *op, Interpreter &interpreter) {
  auto expand = cast<tensor::ExpandShapeOp>(op);
  return setReshaped(op, expand.getSrc(),
                     interpreter.getIndices(expand.getMixedOutputShape()),
                     interpreter);
}

static llvm::Error evaluateCast(Operation *op, Interpreter &interpreter) {
  // What the types say differently is checked when the result is set: an
  // encoding can't be cast away.
  auto cast = mlir::cast<tensor::CastOp>(op);
  return interpreter.set(cast, interpreter.get(cast.getSource()));
}

void compress::registerTensorOps(OpRegistry &registry) {
  registry.ops["tensor.cast"] = evaluateCast;
  registry.ops["tensor.collapse_shape"] = evaluateCollapse;
  registry.ops["tensor.concat"] = evaluateConcat;
  registry.ops["tensor.dim"] = evaluateDim;
  registry.ops["tensor.empty"] = evaluateEmpty;
  registry.ops["tensor.expand_shape"] = evaluateExpand;
  registry.ops["tensor.extract"] = evaluateExtract;
  registry.ops["tensor.extract_slice"] = evaluateExtractSlice;
  registry.ops["tensor.from_elements"] = evaluateFromElements;
  registry.ops["tensor.generate"] = evaluateGenerate;
  registry.ops["tensor.insert"] = evaluateInsert;
  registry.ops["tensor.insert_slice"] = evaluateInsertSlice;
  registry.ops["tensor.pad"] = evaluatePad;
  registry.ops["tensor.splat"] = evaluateSplat;
}
