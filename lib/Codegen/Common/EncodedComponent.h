//===- EncodedComponent.h - Reads one component of an encoding --*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_COMMON_ENCODEDCOMPONENT_H
#define COMPRESS_LIB_CODEGEN_COMMON_ENCODEDCOMPONENT_H

#include "compress/Codegen/Common/Coord.h"
#include "compress/Encoding/Layout.h"

namespace mlir::compress {

/// Some of the bits of a component's codes.
struct Plane {
  ComponentLayout layout;
  /// Flat, and with the shape in which it is stored.
  Value buffer, shaped;
};

/// One component: read at an index of the tensor whose number format it is a
/// part of.
struct Leaf {
  ComponentSpec spec;
  SmallVector<Plane, 1> planes;
  bool laidOut = false;
  /// The dimension along which vectors are read; unset: that of the panels'
  /// rows.
  std::optional<unsigned> laneDim;

  /// Integer components as i32 (laid-out codes unsigned and biased, canonical
  /// ones as the code's own value), floats as they are stored.
  Value read(Emitter &e, ArrayRef<Coord> index, int64_t lanes) const;
  int64_t getBias() const { return laidOut ? planes.front().layout.bias : 0; }
  bool isWideFloat() const {
    return spec.number.isFloat() && spec.number.getBits() >= 16;
  }

private:
  /// Bits between consecutive lanes; 0: all lanes have one value.
  int64_t getLaneStride(const ComponentLayout &layout, int64_t lanes) const;
  Value readPlane(Emitter &e, const Plane &plane, ArrayRef<Coord> index,
                  int64_t lanes) const;
  Value readCanonical(Emitter &e, ArrayRef<Coord> index) const;
  Value readPacked(Emitter &e, Value row, Coord column) const;
};

/// Where the element at `index` begins: a unit of `unit` bits and a bit within
/// it. `lanes` consecutive rows are taken to begin there.
std::pair<Value, Value> locate(Emitter &e, const ComponentLayout &layout,
                               ArrayRef<Coord> index, int64_t unit);

/// Shifts right by a number of bits that may be known, and keeps `width` bits.
Value cutBits(Emitter &e, Value words, Value bits, unsigned width);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_COMMON_ENCODEDCOMPONENT_H
