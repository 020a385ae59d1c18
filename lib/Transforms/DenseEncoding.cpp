//===- DenseEncoding.cpp - Encodings without their structure --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/DenseEncoding.h"

#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Dialect/Sparse/IR/Sparse.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::compress;

EncodingAttrInterface
compress::getDenseEncoding(EncodingAttrInterface encoding) {
  Attribute current = encoding;
  bool isStructured = false;
  while (true) {
    Attribute values =
        llvm::TypeSwitch<Attribute, Attribute>(current)
            .Case<PanelAttr, PermutedAttr, sparse::NMAttr, sparse::BlockAttr>(
                [](auto outer) { return outer.getValues(); })
            .Default([](Attribute) { return Attribute(); });
    if (!values)
      break;
    isStructured |= isa<sparse::NMAttr, sparse::BlockAttr>(current);
    current = values;
  }
  if (!isStructured)
    return {};
  auto type = dyn_cast<TypeAttr>(current);
  if (!type)
    return dyn_cast<EncodingAttrInterface>(current);
  if (!isa<FloatType>(type.getValue()))
    return {};
  return quantized::FloatAttr::get(encoding.getContext(), type.getValue(),
                                   DenseI64ArrayAttr(), Attribute());
}
