//===- QuantizedDialect.cpp - Number formats as encodings -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/Quantized/IR/Quantized.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::quantized;
using namespace mlir::compress;

#include "compress/Dialect/Quantized/IR/QuantizedDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "compress/Dialect/Quantized/IR/QuantizedAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "compress/Dialect/Quantized/IR/QuantizedOps.cpp.inc"

void QuantizedDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compress/Dialect/Quantized/IR/QuantizedAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compress/Dialect/Quantized/IR/QuantizedOps.cpp.inc"
      >();
}

/// Checks that each of the named parts is a number type or an encoding.
static LogicalResult
verifyParts(function_ref<InFlightDiagnostic()> emitError,
            ArrayRef<std::pair<StringRef, Attribute>> parts) {
  for (auto [name, part] : parts)
    if (!isPart(part))
      return emitError() << "expected a number type or an encoding as " << name
                         << ", got " << part;
  return success();
}

LogicalResult AffineAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 Type code, DenseI64ArrayAttr block,
                                 Attribute scale, Attribute zero, Attribute min,
                                 bool narrow, bool sums) {
  auto integer = dyn_cast<IntegerType>(code);
  if (!integer || integer.isSigned() || integer.getWidth() > 8)
    return emitError() << "codes are i1 to i8 (signed) or ui1 to ui8, got "
                       << code;
  return verifyParts(emitError,
                     {{"scale", scale}, {"zero", zero}, {"min", min}});
}

EncodingSpec AffineAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Affine;
  spec.code = *getNumberType(getCode());
  spec.block.assign(getBlock().asArrayRef().begin(),
                    getBlock().asArrayRef().end());
  spec.scale = getPart(getScale());
  spec.zero = getPart(getZero());
  spec.min = getPart(getMin());
  spec.narrow = getNarrow();
  spec.sums = getSums();
  return spec;
}

LogicalResult
AffineAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                           function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}

LogicalResult
quantized::FloatAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                             Type code, DenseI64ArrayAttr block,
                             Attribute scale) {
  std::optional<NumberType> number = getNumberType(code);
  if (!number || !number->isFloat())
    return emitError() << "codes are f32, f16, bf16, f8E4M3FN, f8E5M2, "
                          "f8E8M0FNU or f4E2M1FN, got "
                       << code;
  return verifyParts(emitError, {{"scale", scale}});
}

EncodingSpec quantized::FloatAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Float;
  spec.code = *getNumberType(getCode());
  if (getBlock())
    spec.block.assign(getBlock().asArrayRef().begin(),
                      getBlock().asArrayRef().end());
  spec.scale = getPart(getScale());
  return spec;
}

LogicalResult quantized::FloatAttr::verifyEncoding(
    ArrayRef<int64_t> shape, Type elementType,
    function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}

LogicalResult CodebookAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   Attribute table, DenseI64ArrayAttr block,
                                   Attribute scale, Attribute min) {
  if (auto name = dyn_cast<StringAttr>(table)) {
    if (getNamedTable(name.getValue()).empty())
      return emitError()
             << "no codebook is known as " << name
             << "; known are \"nf4\", \"iq4_nl\", \"e2m1\", \"dynamic8\"";
  } else if (auto values = dyn_cast<DenseF32ArrayAttr>(table)) {
    if (values.size() < 2 || values.size() > 256 ||
        !llvm::isPowerOf2_64(values.size()))
      return emitError() << "a codebook has 2, 4, 8, ... 256 entries, got "
                         << values.size();
  } else {
    auto type = dyn_cast<TypeAttr>(table);
    auto integer = type ? dyn_cast<IntegerType>(type.getValue()) : nullptr;
    if (!integer || !integer.isUnsigned() || integer.getWidth() > 8)
      return emitError() << "expected the name of a codebook, its entries, or "
                            "ui1 to ui8 for a stored one, got "
                         << table;
  }
  return verifyParts(emitError, {{"scale", scale}, {"min", min}});
}

EncodingSpec CodebookAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Codebook;
  if (auto name = dyn_cast<StringAttr>(getTable())) {
    spec.tableName = name.getValue().str();
    ArrayRef<float> table = getNamedTable(spec.tableName);
    spec.table.assign(table.begin(), table.end());
  } else if (auto values = dyn_cast<DenseF32ArrayAttr>(getTable())) {
    spec.table.assign(values.asArrayRef().begin(), values.asArrayRef().end());
  }
  spec.code = spec.table.empty()
                  ? *getNumberType(cast<TypeAttr>(getTable()).getValue())
                  : NumberType::getUnsigned(
                        std::max(1u, llvm::Log2_64(spec.table.size())));
  spec.block.assign(getBlock().asArrayRef().begin(),
                    getBlock().asArrayRef().end());
  spec.scale = getPart(getScale());
  spec.min = getPart(getMin());
  return spec;
}

LogicalResult CodebookAttr::verifyEncoding(
    ArrayRef<int64_t> shape, Type elementType,
    function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult ObserveOp::verify() {
  if (getParameters().empty())
    return emitOpError("(C1) observes for no parameter");
  llvm::SmallPtrSet<Attribute, 4> seen;
  for (Attribute name : getParameters())
    if (!seen.insert(name).second)
      return emitOpError("(C1) names ") << name << " twice";
  return success();
}
