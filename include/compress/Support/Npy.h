//===- Npy.h - NumPy arrays in files ----------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_NPY_H
#define COMPRESS_SUPPORT_NPY_H

#include "compress/Support/ElementType.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace mlir::compress {

/// A dense, row-major, little-endian array.
struct NpyArray {
  ElementType type = ElementType::F32;
  llvm::SmallVector<int64_t> shape;
  std::vector<uint8_t> data;
};

/// Reads a `.npy` file of version 1.0 or 2.0 with elements f4, f2, i1, u1, i4,
/// i8, little endian, C order
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
/// Anything else is an error that names the file and what NumPy call makes it
/// readable.
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// Writes a `.npy` file of version 1.0, atomically. An error where the element
/// is none of those above or `data` does not fit type and shape.
llvm::Error writeNpy(llvm::StringRef path, ElementType type,
                     llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<uint8_t> data);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_NPY_H
