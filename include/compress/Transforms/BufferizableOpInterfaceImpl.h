//===- BufferizableOpInterfaceImpl.h - Bufferization of groups --*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define COMPRESS_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::compress {

/// Lets one-shot bufferization take a `compress.group` whole: its operands
/// become memrefs, its region stays as it is.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
