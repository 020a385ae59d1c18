//===- EncodingAttributes.cpp - From specs to attributes ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/EncodingAttributes.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Support/Error.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

Type compress::getType(MLIRContext *context, NumberType number) {
  switch (number.getKind()) {
  case NumberType::Kind::SignedInteger:
    return IntegerType::get(context, number.getBits());
  case NumberType::Kind::UnsignedInteger:
    return IntegerType::get(context, number.getBits(), IntegerType::Unsigned);
  case NumberType::Kind::F32:
    return Float32Type::get(context);
  case NumberType::Kind::F16:
    return Float16Type::get(context);
  case NumberType::Kind::BF16:
    return BFloat16Type::get(context);
  case NumberType::Kind::F8E4M3FN:
    return Float8E4M3FNType::get(context);
  case NumberType::Kind::F8E5M2:
    return Float8E5M2Type::get(context);
  case NumberType::Kind::F8E8M0FNU:
    return Float8E8M0FNUType::get(context);
  case NumberType::Kind::F4E2M1FN:
    return Float4E2M1FNType::get(context);
  }
  llvm_unreachable("covered switch");
}

/// The attribute of a part; null where it is absent.
static Expected<Attribute> getPartAttr(MLIRContext *context, const Part &part) {
  if (part.isEncoding())
    return getEncodingAttr(context, part.getEncoding());
  if (part.isNumber())
    return TypeAttr::get(compress::getType(context, part.getNumber()));
  return Attribute();
}

/// The table of a codebook: a name, its entries, or the type of its codes where
/// the entries are a component.
static Attribute getTableAttr(MLIRContext *context, const EncodingSpec &spec) {
  if (!spec.tableName.empty())
    return StringAttr::get(context, spec.tableName);
  if (!spec.table.empty())
    return DenseF32ArrayAttr::get(context, spec.table);
  return TypeAttr::get(compress::getType(context, spec.code));
}

Expected<Attribute> compress::getEncodingAttr(MLIRContext *context,
                                              const EncodingSpec &spec) {
  if (spec.kind == EncodingSpec::Kind::Permuted && spec.values.isEncoding()) {
    Expected<Attribute> values =
        getEncodingAttr(context, spec.values.getEncoding());
    return values ? PermutedAttr::get(context, *values) : std::move(values);
  }
  Expected<Attribute> scale = getPartAttr(context, spec.scale);
  Expected<Attribute> zero = getPartAttr(context, spec.zero);
  Expected<Attribute> min = getPartAttr(context, spec.min);
  if (!scale || !zero || !min)
    return joinErrors(scale.takeError(),
                      joinErrors(zero.takeError(), min.takeError()));
  auto block = DenseI64ArrayAttr::get(context, spec.block);
  switch (spec.kind) {
  case EncodingSpec::Kind::Affine:
    return quantized::AffineAttr::get(
        context, compress::getType(context, spec.code), block, *scale, *zero,
        *min, spec.narrow, spec.sums);
  case EncodingSpec::Kind::Float:
    return quantized::FloatAttr::get(
        context, compress::getType(context, spec.code),
        spec.block.empty() ? nullptr : block, *scale);
  case EncodingSpec::Kind::Codebook:
    return quantized::CodebookAttr::get(context, getTableAttr(context, spec),
                                        block, *scale, *min);
  default:
    return makeError("no file format stores tensors as " + str(spec));
  }
}
