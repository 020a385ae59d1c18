//===- AlignedBuffer.cpp - Memory aligned to 64 bytes ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/AlignedBuffer.h"

#include "compress/Support/Error.h"

using namespace llvm;
using namespace mlir::compress;

Expected<AlignedBuffer> AlignedBuffer::create(int64_t bytes,
                                              StringRef purpose) {
  AlignedBuffer buffer;
  if (Error error = buffer.grow(bytes, purpose))
    return error;
  return buffer;
}

Error AlignedBuffer::grow(int64_t bytes, StringRef purpose) {
  if (bytes <= size())
    return Error::success();
  // Frees the old memory first, so that both never exist together.
  block = sys::OwningMemoryBlock();
  std::error_code code;
  sys::MemoryBlock memory = sys::Memory::allocateMappedMemory(
      bytes, nullptr, sys::Memory::MF_READ | sys::Memory::MF_WRITE, code);
  if (code)
    return makeError("cannot allocate " + Twine(bytes) + " bytes for " +
                     purpose + ": " + code.message());
  block = sys::OwningMemoryBlock(memory);
  return Error::success();
}
