//===- Sparse.h - The sparse dialect ----------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_SPARSE_IR_SPARSE_H
#define COMPRESS_DIALECT_SPARSE_IR_SPARSE_H

#include "compress/Dialect/Compress/IR/Compress.h"

#include "compress/Dialect/Sparse/IR/SparseDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "compress/Dialect/Sparse/IR/SparseAttrs.h.inc"

#endif // COMPRESS_DIALECT_SPARSE_IR_SPARSE_H
