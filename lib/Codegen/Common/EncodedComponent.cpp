//===- EncodedComponent.cpp - Reads one component of an encoding ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncodedComponent.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

std::pair<Value, Value> compress::locate(Emitter &e,
                                         const ComponentLayout &layout,
                                         ArrayRef<Coord> index, int64_t unit) {
  Value address;
  Value shift;
  int64_t constantAddress = 0, constantShift = 0;
  auto accumulate = [&](Value &sum, int64_t &constant, const Coord &at,
                        int64_t scale) {
    if (at.isConstant()) {
      constant += at.getConstant() * scale;
      return;
    }
    Value term = e.mulIndex(at.get(e), scale);
    sum = sum ? e.add(sum, term) : term;
  };
  int64_t stride = layout.width;
  SmallVector<bool> seen(index.size(), false);
  SmallVector<bool> outermost(layout.loops.size(), false);
  // The loop of the largest stride needs no remainder: the index is in bounds.
  for (unsigned dim = 0; dim < index.size(); ++dim) {
    int64_t largest = -1, which = -1;
    for (auto [i, loop] : llvm::enumerate(layout.loops))
      if (loop.dim == dim && loop.stride > largest) {
        largest = loop.stride;
        which = i;
      }
    if (which >= 0)
      outermost[which] = true;
  }
  for (int64_t i = layout.loops.size() - 1; i >= 0; --i) {
    const LayoutLoop &loop = layout.loops[i];
    Coord at = index[loop.dim].div(e, loop.stride);
    if (!outermost[i])
      at = at.mod(e, loop.extent);
    if (stride >= unit)
      accumulate(address, constantAddress, at, stride / unit);
    else
      accumulate(shift, constantShift, at, stride);
    stride *= loop.extent;
  }
  auto finish = [&](Value sum, int64_t constant) -> Value {
    if (!sum)
      return e.index(constant);
    return constant ? e.addIndex(sum, constant) : sum;
  };
  Value bits = shift || constantShift ? finish(shift, constantShift) : Value();
  return {finish(address, constantAddress), bits};
}

Value compress::cutBits(Emitter &e, Value words, Value bits, unsigned width) {
  int64_t lanes = Emitter::getLanes(words);
  APInt known;
  if (!bits)
    return e.extractBits(words, 0, width);
  if (matchPattern(bits, m_ConstantInt(&known)))
    return e.extractBits(words, known.getZExtValue(), width);
  Value amount = arith::IndexCastUIOp::create(e, e.getI32Type(), bits);
  words = arith::ShRUIOp::create(e, words, e.splat(amount, lanes));
  return e.extractBits(words, 0, width);
}

/// The dimension of which a laid-out component has several rows side by side:
/// panels keep it in two loops, of strides 1 and their number of rows.
static unsigned getRowDim(const ComponentLayout &layout) {
  for (const LayoutLoop &outer : layout.loops)
    for (const LayoutLoop &inner : layout.loops)
      if (inner.dim == outer.dim && inner.stride == 1 &&
          outer.stride == inner.extent && inner.extent >= 8)
        return inner.dim;
  return ~0u;
}

int64_t Leaf::getLaneStride(const ComponentLayout &layout,
                            int64_t lanes) const {
  if (!lanes)
    return 0;
  unsigned dim = laneDim ? *laneDim : getRowDim(layout);
  int64_t stride = layout.width;
  for (const LayoutLoop &loop : llvm::reverse(layout.loops)) {
    if (loop.dim == dim && loop.stride == 1)
      return stride;
    stride *= loop.extent;
  }
  return 0;
}

Value Leaf::readPlane(Emitter &e, const Plane &plane, ArrayRef<Coord> index,
                      int64_t lanes) const {
  const ComponentLayout &layout = plane.layout;
  Type element = cast<MemRefType>(plane.buffer.getType()).getElementType();
  Type i32 = e.getI32Type();
  if (element != e.getI8Type()) { // whole floats and words
    auto [address, bits] = locate(e, layout, index, layout.width);
    Value value = e.load(plane.buffer, {address},
                         getLaneStride(layout, lanes) ? lanes : 0);
    return e.splat(value, lanes);
  }
  int64_t stride = getLaneStride(layout, lanes);
  if (!stride) { // one byte
    auto [address, bits] = locate(e, layout, index, 8);
    Value byte = e.load(plane.buffer, {address});
    Value word = arith::ExtUIOp::create(e, i32, byte);
    return e.splat(cutBits(e, word, bits, layout.width), lanes);
  }
  if (stride == 8) { // a byte per row
    auto [address, bits] = locate(e, layout, index, 8);
    Value bytes = e.load(plane.buffer, {address}, lanes);
    Value words =
        arith::ExtUIOp::create(e, VectorType::get({lanes}, i32), bytes);
    return layout.width == 8 ? words : cutBits(e, words, bits, layout.width);
  }
  // A word per row, of which some bits are wanted.
  assert(stride == 32 && "panels interleave four codes");
  auto [address, bits] = locate(e, layout, index, 32);
  Value bytes = e.load(plane.buffer, {e.mulIndex(address, 4)}, 4 * lanes);
  Value words =
      vector::BitCastOp::create(e, VectorType::get({lanes}, i32), bytes);
  return cutBits(e, words, bits, layout.width);
}

Value Leaf::readPacked(Emitter &e, Value row, Coord column) const {
  Type i32 = e.getI32Type();
  int64_t bits = spec.number.getBits();
  int64_t rowBytes = spec.shape.back();
  auto byteAt = [&](Value offset) -> Value {
    Value at = row ? e.add(e.mulIndex(row, rowBytes), offset) : offset;
    return arith::ExtUIOp::create(e, i32, e.load(planes.front().buffer, {at}));
  };
  Value bit = e.mulIndex(column.get(e), bits);
  Value byte = e.divIndex(bit, 8);
  Value word = byteAt(byte);
  if (8 % bits != 0) { // a code may straddle two bytes
    Value next = e.minIndex(e.addIndex(byte, 1), e.index(rowBytes - 1));
    word = arith::OrIOp::create(
        e, word,
        arith::ShLIOp::create(e, byteAt(next), e.constantI32(8)).getResult());
  }
  return cutBits(e, word, e.remIndex(bit, 8), bits);
}

Value Leaf::readCanonical(Emitter &e, ArrayRef<Coord> index) const {
  // The component's own index.
  const ComponentLayout &layout = planes.front().layout;
  SmallVector<Coord> own;
  for (auto [i, at] : llvm::enumerate(index)) {
    int64_t divisor = layout.divisor.empty() ? 1 : layout.divisor[i];
    // Blocks that span a dimension of unknown size have one part.
    own.push_back(divisor < 0 ? Coord(0) : at.div(e, divisor));
  }
  Value row;
  for (size_t i = 0; i + 1 < own.size(); ++i) {
    Value at = own[i].get(e);
    if (!row) {
      row = at;
      continue;
    }
    int64_t size = spec.logicalShape[i];
    Value count = size < 0 ? e.dim(planes.front().shaped, i) : e.index(size);
    row = e.add(e.mul(row, count), at);
  }
  unsigned bits = spec.number.getBits();
  if (bits < 8 || spec.type == NumberType::getUnsigned(8)) {
    Value code = readPacked(e, row, own.back());
    if (!spec.number.isInteger() || !spec.number.isSigned())
      return code;
    Value shift = e.constantI32(32 - bits);
    return arith::ShRSIOp::create(
        e, arith::ShLIOp::create(e, code, shift).getResult(), shift);
  }
  Value at = own.back().get(e);
  if (row)
    at = e.add(e.mulIndex(row, spec.logicalShape.back()), at);
  return e.load(planes.front().buffer, {at});
}

Value Leaf::read(Emitter &e, ArrayRef<Coord> index, int64_t lanes) const {
  if (!laidOut) {
    assert(!lanes && "vectors are read from panels");
    return readCanonical(e, index);
  }
  Value code;
  for (const Plane &plane : planes) {
    Value bits = readPlane(e, plane, index, lanes);
    if (plane.layout.shift)
      bits = arith::ShLIOp::create(e, bits,
                                   e.constantI32(plane.layout.shift, lanes));
    code = code ? Value(arith::OrIOp::create(e, code, bits)) : bits;
  }
  return code;
}
