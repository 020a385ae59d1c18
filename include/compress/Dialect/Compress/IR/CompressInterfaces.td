//===- CompressInterfaces.td - What an encoding offers -----*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_COMPRESSINTERFACES_TD
#define COMPRESS_DIALECT_COMPRESS_IR_COMPRESSINTERFACES_TD

include "mlir/IR/OpBase.td"

def EncodingAttrInterface : AttrInterface<"EncodingAttrInterface"> {
  let cppNamespace = "::mlir::compress";
  let description = [{
    An attribute that, as the encoding of a tensor type, says how the tensor's
    values are stored. It does so by giving an `EncodingSpec`, the description
    that codecs and code generators interpret; everything else follows from it.
  }];
  let methods = [
    InterfaceMethod<"The description of the encoding.",
      "::mlir::compress::EncodingSpec", "getSpec">,
    InterfaceMethod<[{
      The stored parts of a tensor of `shape` and how each lies in memory.
      Canonical, unless the attribute is a layout.
    }],
      "::llvm::SmallVector<::mlir::compress::ComponentLayout>", "getLayouts",
      (ins "::llvm::ArrayRef<int64_t>":$shape), "", [{
        return ::mlir::compress::getCanonicalLayouts($_attr.getSpec(), shape);
      }]>,
    InterfaceMethod<"Whether the stored parts lie in an order of their own.",
      "bool", "isLaidOut", (ins), "", [{ return false; }]>,
  ];
}

#endif // COMPRESS_DIALECT_COMPRESS_IR_COMPRESSINTERFACES_TD
