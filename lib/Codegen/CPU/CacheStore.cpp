//===- CacheStore.cpp - Keys or values in a cache -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CacheStore.h"

#include "../Common/EncodedComponent.h"
#include "compress/Codegen/Common/Contraction.h"

using namespace mlir;
using namespace mlir::compress;

/// The memory of an element: what of a format has at most 8 bits are bytes.
static Type getElementType(Emitter &e, const ComponentLayout &component) {
  return getStorageType(e.getContext(), component.type);
}

CacheStore::CacheStore(Kernel &kernel, lm::CacheType type, CacheSide side,
                       Value bytes, Value capacity)
    : kernel(kernel), e(kernel.e), type(type), spec(type.getSpec()), side(side),
      layout(getCacheBlockLayout(spec, type.getHeadDim(), side)), bytes(bytes),
      capacity(capacity) {}

int64_t CacheStore::getColumnsPerByte() const {
  int64_t columns = 1;
  for (const ComponentLayout &component : layout.components)
    if (component.source == 0 && component.width < 8)
      columns = std::max<int64_t>(columns, 8 / component.width);
  return columns;
}

Value CacheStore::getPlane(Value sequence, Value head) {
  Value plane = e.add(e.mulIndex(sequence, type.getHeads()), head);
  Value blocks = e.divIndex(capacity, kCacheBlock);
  return e.mulIndex(e.mul(plane, blocks), layout.bytes);
}

Value CacheStore::getComponent(Value begin, unsigned i) {
  const ComponentLayout &component = layout.components[i];
  Type element = getElementType(e, component);
  int64_t size = component.getBytes() * 8 / element.getIntOrFloatBitWidth();
  return memref::ViewOp::create(e, MemRefType::get({size}, element), bytes,
                                e.addIndex(begin, layout.offsets[i]),
                                ValueRange());
}

EncodedOperand CacheStore::getBlock(Value plane, Value block) {
  Value begin = e.add(plane, e.mulIndex(block, layout.bytes));
  SmallVector<Value> components;
  for (unsigned i = 0; i < layout.components.size(); ++i)
    components.push_back(getComponent(begin, i));
  return kernel.operand(spec, {kCacheBlock, type.getHeadDim()},
                        layout.components, components,
                        side == CacheSide::Keys ? 0 : 1);
}

void CacheStore::prefetch(Value plane, Value firstBlock, int64_t blocks,
                          Value part, int64_t parts) {
  constexpr int64_t kLine = 64;
  int64_t size = blocks * layout.bytes / parts;
  Value begin = e.add(e.add(plane, e.mulIndex(firstBlock, layout.bytes)),
                      e.mulIndex(part, size));
  // Parts need not be whole lines: the few that are left out come with their
  // neighbours.
  for (int64_t i = 0; i < std::max<int64_t>(size / kLine, 1); ++i)
    e.prefetch(bytes, {e.addIndex(begin, i * kLine)}, /*locality=*/2);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Codes of at most 8 bits. A byte holds columns that are as far apart as the
/// innermost loop says.
void CacheStore::writeCodes(const ComponentLayout &component, Value to,
                            Value place, Value codes) {
  const LayoutLoop &packed = component.loops.back();
  int64_t count = component.getElements() / kCacheBlock / packed.extent;
  Type i32 = e.getI32Type();
  e.loop(e.index(0), e.index(count), 1, [&](Value i) {
    Value column = e.add(
        e.mulIndex(e.divIndex(i, packed.stride), packed.stride * packed.extent),
        e.remIndex(i, packed.stride));
    Value byte;
    for (int64_t j = 0; j < packed.extent; ++j) {
      Value code = arith::ExtUIOp::create(
          e, i32, e.load(codes, {e.addIndex(column, j * packed.stride)}));
      if (component.bias)
        code = e.add(code, e.constantI32(component.bias));
      code = e.extractBits(code, component.shift, component.width);
      if (j)
        code =
            arith::ShLIOp::create(e, code, e.constantI32(j * component.width));
      byte = byte ? Value(arith::OrIOp::create(e, byte, code)) : code;
    }
    auto [address, bits] =
        locate(e, component, {Coord(place), Coord(column)}, 8);
    e.store(arith::TruncIOp::create(e, e.getI8Type(), byte), to, {address});
  });
}

void CacheStore::writeFloats(const ComponentLayout &component, Value to,
                             Value place, Value values) {
  e.loop(e.index(0), e.index(type.getHeadDim()), 1, [&](Value column) {
    auto [address, bits] =
        locate(e, component, {Coord(place), Coord(column)}, component.width);
    e.store(e.load(values, {column}), to, {address});
  });
}

/// A part with one number per block, which may be repeated for each column.
void CacheStore::writePart(const ComponentLayout &component, Value to,
                           Value place, Value part) {
  int64_t columns = type.getHeadDim(), size = component.divisor[1];
  bool isRepeated = llvm::any_of(component.loops, [](const LayoutLoop &loop) {
    return loop.dim == 1 && loop.stride == 1;
  });
  int64_t step = isRepeated ? 1 : size;
  e.loop(e.index(0), e.index(columns), step, [&](Value column) {
    Value value = e.load(part, {e.divIndex(column, size)});
    if (component.bias) {
      Value code = arith::ExtUIOp::create(e, e.getI32Type(), value);
      code = e.add(code, e.constantI32(component.bias));
      value = arith::TruncIOp::create(e, value.getType(), code);
    }
    auto [address, bits] =
        locate(e, component, {Coord(place), Coord(column)}, component.width);
    e.store(value, to, {address});
  });
}

void CacheStore::write(Value plane, Value position,
                       const RowEncoder::Row &source) {
  int64_t columns = type.getHeadDim();
  SmallVector<ComponentSpec> specs = getComponents(spec, {1, columns});
  // Bytes hold up to eight columns that may be kCacheBlock apart; those that do
  // not exist are zero.
  int64_t filled = llvm::alignTo(columns, 8 * kCacheBlock);
  if (encoded.empty())
    for (auto [i, component] : llvm::enumerate(specs)) {
      Type element = getStorageType(e.getContext(), component.type);
      int64_t size = i == 0 ? filled : component.logicalShape.back();
      encoded.push_back(kernel.allocateScratch({size}, element));
    }
  if (spec.code.getBits() <= 8)
    e.loop(e.index(columns), e.index(filled), 1, [&](Value column) {
      Value none = arith::ConstantOp::create(e, e.getI8IntegerAttr(0));
      e.store(none, encoded.front(), {column});
    });
  SmallVector<RowEncoder::Row> parts;
  for (Value part : encoded)
    parts.push_back({part, {}});
  RowEncoder(kernel, spec, columns).encode(source, parts, /*unpack=*/true);
  Value begin =
      e.add(plane, e.mulIndex(e.divIndex(position, kCacheBlock), layout.bytes));
  Value place = e.remIndex(position, kCacheBlock);
  for (auto [i, component] : llvm::enumerate(layout.components)) {
    Value to = getComponent(begin, i), from = encoded[component.source];
    if (component.source != 0)
      writePart(component, to, place, from);
    else if (component.width <= 8)
      writeCodes(component, to, place, from);
    else
      writeFloats(component, to, place, from);
  }
}

//===----------------------------------------------------------------------===//
// Both sides
//===----------------------------------------------------------------------===//

FailureOr<CacheStores> CacheStores::open(Kernel &kernel, Operation *op,
                                         lm::CacheType type, Value cache,
                                         Value layer) {
  if (!isRowEncodable(type.getSpec()))
    return op->emitOpError("has no code yet for ")
           << type << "; " << kExpectedRowEncoding << " of a head";
  Emitter &e = kernel.e;
  auto bytes = MemRefType::get({ShapedType::kDynamic}, e.getI8Type());
  auto buffers =
      lm::CacheBuffersOp::create(e, bytes, bytes, e.getIndexType(),
                                 kernel.buffer(cache), kernel.buffer(layer));
  auto makeStore = [&](CacheSide side, Value memory) {
    return CacheStore(kernel, type, side, memory, buffers.getCapacity());
  };
  return CacheStores{makeStore(CacheSide::Keys, buffers.getKeys()),
                     makeStore(CacheSide::Values, buffers.getValues())};
}
