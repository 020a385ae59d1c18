//===- Coord.cpp - Indices that fold --------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Coord.h"

using namespace mlir;
using namespace mlir::compress;

Coord Coord::div(Emitter &e, int64_t by) const {
  if (by == 1)
    return *this;
  if (isConstant())
    return Coord(offset / by);
  if (factor % by == 0)
    return Coord(base, factor / by, offset / by);
  // All of [base * factor, base * factor + offset] lies in one quotient.
  if (by % factor == 0 && offset < factor)
    return Coord(e.divIndex(base, by / factor));
  return Coord(e.divIndex(get(e), by));
}

Coord Coord::mod(Emitter &e, int64_t by) const {
  if (by == 1)
    return Coord(0);
  if (isConstant() || factor % by == 0)
    return Coord(offset % by);
  if (by % factor == 0 && offset < factor)
    return Coord(e.remIndex(base, by / factor), factor, offset);
  return Coord(e.remIndex(get(e), by));
}

Coord Coord::plus(int64_t constant) const {
  return Coord(base, factor, offset + constant);
}

Value Coord::get(Emitter &e) const {
  if (isConstant())
    return e.index(offset);
  Value value = factor == 1 ? base : e.mulIndex(base, factor);
  return offset ? e.addIndex(value, offset) : value;
}

Coord Coord::inBlock(int64_t block) const {
  if (block < 0)
    return Coord(0);
  if (isConstant() || factor % block == 0)
    return Coord(base, factor, offset / block);
  if (block % factor == 0 && offset < factor)
    return Coord(base, factor, 0);
  return *this;
}
