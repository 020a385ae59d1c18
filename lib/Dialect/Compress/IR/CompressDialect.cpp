//===- CompressDialect.cpp - The compress dialect -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::compress;

#include "compress/Dialect/Compress/IR/CompressEnums.cpp.inc"
#include "compress/Dialect/Compress/IR/CompressInterfaces.cpp.inc"
#include "compress/Dialect/Compress/IR/CompressOpsDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "compress/Dialect/Compress/IR/CompressAttrs.cpp.inc"

void CompressDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compress/Dialect/Compress/IR/CompressAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compress/Dialect/Compress/IR/CompressOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Encodings of types
//===----------------------------------------------------------------------===//

EncodingAttrInterface compress::getEncoding(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor
             ? dyn_cast_if_present<EncodingAttrInterface>(tensor.getEncoding())
             : EncodingAttrInterface();
}

RankedTensorType compress::withEncoding(RankedTensorType type,
                                        Attribute encoding) {
  return RankedTensorType::get(type.getShape(), type.getElementType(),
                               encoding);
}

Type compress::getStorageType(MLIRContext *context, NumberType number) {
  switch (number.getKind()) {
  case NumberType::Kind::F32:
    return Float32Type::get(context);
  case NumberType::Kind::F16:
    return Float16Type::get(context);
  case NumberType::Kind::BF16:
    return BFloat16Type::get(context);
  default:
    // Everything else is kept as bytes or words: arith knows no other.
    return IntegerType::get(context,
                            number.getBits() > 8 ? number.getBits() : 8);
  }
}

SmallVector<Component> compress::getComponents(RankedTensorType type) {
  SmallVector<Component> components;
  EncodingAttrInterface encoding = getEncoding(type);
  if (!encoding)
    return components;
  MLIRContext *context = type.getContext();
  if (encoding.isLaidOut()) {
    for (const ComponentLayout &layout : encoding.getLayouts(type.getShape())) {
      int64_t bytes = layout.getBytes();
      int64_t size = bytes < 0
                         ? ShapedType::kDynamic
                         : bytes * 8 / std::max(layout.type.getBits(), 8u);
      components.push_back(
          {layout.name, RankedTensorType::get(
                            {size}, getStorageType(context, layout.type))});
    }
    return components;
  }
  for (const ComponentSpec &spec :
       compress::getComponents(encoding.getSpec(), type.getShape())) {
    SmallVector<int64_t> shape;
    for (int64_t size : spec.shape)
      shape.push_back(size < 0 ? ShapedType::kDynamic : size);
    components.push_back(
        {spec.name,
         RankedTensorType::get(shape, getStorageType(context, spec.type))});
  }
  return components;
}

int64_t compress::getStorageBits(RankedTensorType type) {
  int64_t bits = 0;
  for (const Component &component : compress::getComponents(type))
    bits += component.type.getNumElements() *
            component.type.getElementTypeBitWidth();
  return bits;
}

std::optional<NumberType> compress::getNumberType(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return NumberType::parse(text);
}

bool compress::isPart(Attribute part) {
  if (!part || isa<EncodingAttrInterface>(part))
    return true;
  auto type = dyn_cast<TypeAttr>(part);
  return type && getNumberType(type.getValue());
}

Part compress::getPart(Attribute part) {
  if (auto encoding = dyn_cast_if_present<EncodingAttrInterface>(part))
    return Part(encoding.getSpec());
  if (auto type = dyn_cast_if_present<TypeAttr>(part))
    if (std::optional<NumberType> number = getNumberType(type.getValue()))
      return Part(*number);
  return Part();
}

LogicalResult
compress::reportError(llvm::Error error,
                      function_ref<InFlightDiagnostic()> emitError) {
  if (!error)
    return success();
  std::string message = llvm::toString(std::move(error));
  return emitError() << message;
}

LogicalResult
compress::verifyTensorEncoding(EncodingAttrInterface encoding,
                               ArrayRef<int64_t> shape, Type elementType,
                               function_ref<InFlightDiagnostic()> emitError) {
  if (!isa<FloatType>(elementType))
    return emitError() << "an encoded tensor has a float element type, got "
                       << elementType;
  SmallVector<int64_t> sizes;
  for (int64_t size : shape)
    sizes.push_back(ShapedType::isDynamic(size) ? -1 : size);
  return reportError(compress::verify(encoding.getSpec(), sizes), emitError);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult
ParameterAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      StringRef archive, StringRef key, StringAttr component,
                      Attribute stored) {
  if (key.empty())
    return emitError() << "a parameter needs a key";
  if (stored && !isa<EncodingAttrInterface>(stored))
    return emitError() << "expected an encoding, got " << stored;
  return success();
}

LogicalResult PermutedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   Attribute values) {
  if (!isa<EncodingAttrInterface>(values))
    return emitError() << "expected the encoding of the permuted values, got "
                       << values;
  return success();
}

EncodingSpec PermutedAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Permuted;
  spec.values = getPart(getValues());
  return spec;
}

LogicalResult PermutedAttr::verifyEncoding(
    ArrayRef<int64_t> shape, Type elementType,
    function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}

LogicalResult PanelAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                Attribute values, int64_t rows, unsigned rowDim,
                                unsigned reductionDim) {
  auto encoding = dyn_cast<EncodingAttrInterface>(values);
  if (!encoding || encoding.isLaidOut())
    return emitError() << "expected the encoding that is laid out, got "
                       << values;
  if (rows < 1)
    return emitError() << "a panel has at least one row, got " << rows;
  if (rowDim == reductionDim)
    return emitError() << "rows and reduction are different dimensions";
  return success();
}

EncodingSpec PanelAttr::getSpec() const {
  return cast<EncodingAttrInterface>(getValues()).getSpec();
}

SmallVector<ComponentLayout>
PanelAttr::getLayouts(ArrayRef<int64_t> shape) const {
  return getPanelLayouts(getSpec(), shape, getPanel());
}

bool PanelAttr::isLaidOut() const { return true; }

LogicalResult
PanelAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                          function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyTensorEncoding(*this, shape, elementType, emitError)))
    return failure();
  if (llvm::any_of(shape, ShapedType::isDynamic))
    return emitError() << "only tensors of static shape have a layout";
  if (!isPanelCompatible(getSpec(), shape, getPanel()))
    return emitError() << getValues() << " can't be laid out in panels";
  return success();
}

LogicalResult StrategyAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   FormKind form, DotKind dot, int64_t lanes,
                                   int64_t tile, int64_t panels,
                                   int64_t prefetch, int64_t tilePrefetch) {
  if (!llvm::isPowerOf2_64(std::max<int64_t>(lanes, 0)))
    return emitError() << "lanes are a power of two, got " << lanes;
  if (tile < 1 || panels < 1)
    return emitError() << "tile and panels are positive, got " << tile
                       << " and " << panels;
  if (prefetch < 0 || tilePrefetch < 0)
    return emitError() << "prefetch and tilePrefetch are distances or 0, got "
                       << prefetch << " and " << tilePrefetch;
  if ((form == FormKind::Integer) != (dot != DotKind::None))
    return emitError() << "an integer dot belongs to the integer form, and "
                          "the integer form needs one";
  return success();
}
