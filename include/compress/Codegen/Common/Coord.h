//===- Coord.h - Indices that fold ------------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_COORD_H
#define COMPRESS_CODEGEN_COMMON_COORD_H

#include "compress/Codegen/Common/Emitter.h"

namespace mlir::compress {

/// An index `base * factor + offset`. Inside an unrolled tile most of what an
/// address needs is known; division and remainder by what divides `factor`
/// stay so. `offset` is below `factor` wherever `base` is given.
class Coord {
public:
  Coord() = default;
  Coord(int64_t offset) : offset(offset) {}
  Coord(Value base, int64_t factor = 1, int64_t offset = 0)
      : base(base), factor(factor), offset(offset) {}

  bool isConstant() const { return !base; }
  int64_t getConstant() const { return offset; }

  /// The rounded down quotient by a positive constant.
  Coord div(Emitter &e, int64_t by) const;
  /// The remainder by a positive constant.
  Coord mod(Emitter &e, int64_t by) const;
  /// `*this + constant`; the sum stays below the next multiple of `factor`.
  Coord plus(int64_t constant) const;
  Value get(Emitter &e) const;

  /// The same for all indices of which it is known that they lie in one block
  /// of this size (-1: all do).
  Coord inBlock(int64_t block) const;
  bool operator==(const Coord &o) const {
    return base == o.base && factor == o.factor && offset == o.offset;
  }

private:
  Value base;
  int64_t factor = 1;
  int64_t offset = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_COORD_H
