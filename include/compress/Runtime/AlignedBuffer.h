//===- AlignedBuffer.h - Memory aligned to 64 bytes -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_ALIGNEDBUFFER_H
#define COMPRESS_RUNTIME_ALIGNEDBUFFER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Memory.h"

namespace mlir::compress {

/// Zeroed memory of whole pages, taken from the system only where it is
/// touched.
class AlignedBuffer {
public:
  AlignedBuffer() = default;

  /// `purpose` stands in the message where the system has no such memory:
  /// "cannot allocate N bytes for <purpose>".
  static llvm::Expected<AlignedBuffer> create(int64_t bytes,
                                              llvm::StringRef purpose);

  /// Replaces the memory by a larger piece if it has fewer than `bytes`; what
  /// was in it is lost then.
  llvm::Error grow(int64_t bytes, llvm::StringRef purpose);

  template <typename T = char> T *get() const {
    return static_cast<T *>(block.base());
  }
  int64_t size() const { return block.allocatedSize(); }

private:
  llvm::sys::OwningMemoryBlock block;
};

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_ALIGNEDBUFFER_H
