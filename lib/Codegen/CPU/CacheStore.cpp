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

CacheStore::CacheStore(Kernel &kernel, lm::CacheType type, EncodingSpec format,
                       CacheSide side, Value bytes, Value capacity)
    : kernel(kernel), e(kernel.e), type(type), spec(std::move(format)),
      side(side), layout(getCacheBlockLayout(spec, type.getHeadDim(), side)),
      bytes(bytes), capacity(capacity) {}

CacheStore CacheStore::getRecent(Kernel &kernel, lm::CacheType type,
                                 Value bytes) {
  int64_t positions = getRecentPositions(type.getKeyGroup());
  CacheStore recent(kernel, type, getRecentSpec(), CacheSide::Keys, bytes,
                    kernel.e.index(positions));
  recent.ring = positions;
  return recent;
}

int64_t CacheStore::getColumnsPerByte() const {
  int64_t columns = 1;
  for (const ComponentLayout &component : layout.components)
    if (component.source == 0 && component.width < 8)
      columns = std::max<int64_t>(columns, 8 / component.width);
  return columns;
}

Value CacheStore::getPlane(Value sequence, Value head) {
  Value plane = e.add(e.mulIndex(sequence, type.getHeads()), head);
  Value blocks = e.divIndex(capacity, layout.positions);
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

Value CacheStore::wrap(Value block) {
  return ring ? e.remIndex(block, ring / kCacheBlock) : block;
}

EncodedOperand CacheStore::getBlock(Value plane, Value block,
                                    unsigned laneDim) {
  Value number = e.divIndex(wrap(block), getGroupBlocks());
  Value begin = e.add(plane, e.mulIndex(number, layout.bytes));
  SmallVector<Value> components;
  for (unsigned i = 0; i < layout.components.size(); ++i)
    components.push_back(getComponent(begin, i));
  return kernel.operand(spec, {layout.positions, type.getHeadDim()},
                        layout.components, components, laneDim);
}

Coord CacheStore::getPlace(Value block) {
  if (getGroupBlocks() == 1)
    return Coord(0);
  return Coord(e.remIndex(block, getGroupBlocks()), kCacheBlock);
}

void CacheStore::prefetch(Value plane, Value firstBlock, int64_t blocks,
                          Value part, int64_t parts) {
  constexpr int64_t kLine = 64;
  int64_t blockBytes = layout.bytes / getGroupBlocks();
  int64_t size = blocks * blockBytes / parts;
  Value begin = e.add(e.add(plane, e.mulIndex(wrap(firstBlock), blockBytes)),
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
  Value block = wrap(e.divIndex(position, kCacheBlock));
  Value begin = e.add(plane, e.mulIndex(block, layout.bytes));
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
// Writing groups of positions
//===----------------------------------------------------------------------===//

Value CacheStore::gather(Value group, CacheStore &recent, Value recentPlane) {
  int64_t columns = type.getHeadDim(), positions = layout.positions;
  Value numbers = kernel.allocateScratch({columns * positions}, e.getF32Type());
  e.loop(e.index(0), e.index(getGroupBlocks()), 1, [&](Value i) {
    Value block = e.add(e.mulIndex(group, getGroupBlocks()), i);
    EncodedOperand keys = recent.getBlock(recentPlane, block);
    e.loop(e.index(0), e.index(columns), 1, [&](Value column) {
      Value at =
          e.add(e.mulIndex(column, positions), e.mulIndex(i, kCacheBlock));
      e.store(keys.readFactor(e, {Coord(0), Coord(column)}, kCacheBlock),
              numbers, {at});
    });
  });
  return numbers;
}

/// What is rounded together, a number of columns at all positions of the group,
/// is a row of one block to the encoder.
SmallVector<Value> CacheStore::encodeGroup(Value numbers) {
  int64_t columns = type.getHeadDim(), positions = layout.positions;
  int64_t together = spec.block[1] < 0 ? columns : spec.block[1];
  int64_t size = together * positions;
  EncodingSpec rowSpec = spec;
  rowSpec.block = {1, -1};
  // Bytes hold up to eight columns; those that do not exist are zero.
  int64_t filled = llvm::alignTo(columns, 8) * positions;
  SmallVector<Value> components;
  for (auto [i, component] :
       llvm::enumerate(getComponents(rowSpec, {1, size}))) {
    Type element = getStorageType(e.getContext(), component.type);
    components.push_back(kernel.allocateScratch(
        {i == 0 ? filled : columns / together}, element));
  }
  if (spec.code.getBits() <= 8)
    e.loop(e.index(columns * positions), e.index(filled), 1, [&](Value at) {
      Value none = arith::ConstantOp::create(e, e.getI8IntegerAttr(0));
      e.store(none, components.front(), {at});
    });
  RowEncoder encoder(kernel, rowSpec, size);
  e.loop(e.index(0), e.index(columns / together), 1, [&](Value row) {
    Value first = e.mulIndex(row, size);
    SmallVector<RowEncoder::Row> parts;
    for (auto [i, component] : llvm::enumerate(components))
      parts.push_back({component, {}, i == 0 ? first : row});
    encoder.encode({numbers, {}, first}, parts, /*unpack=*/true);
  });
  return components;
}

void CacheStore::writeGroupCodes(const ComponentLayout &component, Value to,
                                 Value codes) {
  int64_t together = 8 / component.width;
  int64_t bytes = llvm::divideCeil(type.getHeadDim(), together);
  auto words = VectorType::get({kCacheBlock}, e.getI32Type());
  auto forBytes = [&](Value i, Value byte) {
    Value result;
    for (int64_t j = 0; j < together; ++j) {
      Value column = e.addIndex(e.mulIndex(byte, together), j);
      Value at = e.add(e.mulIndex(column, layout.positions),
                       e.mulIndex(i, kCacheBlock));
      Value code =
          arith::ExtUIOp::create(e, words, e.load(codes, {at}, kCacheBlock));
      if (component.bias)
        code = e.add(code, e.constantI32(component.bias, kCacheBlock));
      code = e.extractBits(code, component.shift, component.width);
      if (j)
        code = arith::ShLIOp::create(
            e, code, e.constantI32(j * component.width, kCacheBlock));
      result = result ? Value(arith::OrIOp::create(e, result, code)) : code;
    }
    auto [address, bits] =
        locate(e, component, {Coord(i, kCacheBlock), Coord(byte, together)}, 8);
    e.store(arith::TruncIOp::create(
                e, VectorType::get({kCacheBlock}, e.getI8Type()), result),
            to, {address});
  };
  e.loop(e.index(0), e.index(getGroupBlocks()), 1, [&](Value i) {
    e.loop(e.index(0), e.index(bytes), 1,
           [&](Value byte) { forBytes(i, byte); });
  });
}

void CacheStore::writeGroupFloats(const ComponentLayout &component, Value to,
                                  Value values) {
  e.loop(e.index(0), e.index(getGroupBlocks()), 1, [&](Value i) {
    e.loop(e.index(0), e.index(type.getHeadDim()), 1, [&](Value column) {
      Value at = e.add(e.mulIndex(column, layout.positions),
                       e.mulIndex(i, kCacheBlock));
      auto [address, bits] =
          locate(e, component, {Coord(i, kCacheBlock), Coord(column)},
                 component.width);
      e.store(e.load(values, {at}, kCacheBlock), to, {address});
    });
  });
}

void CacheStore::writeGroup(Value plane, Value group, CacheStore &recent,
                            Value recentPlane) {
  SmallVector<Value> parts = encodeGroup(gather(group, recent, recentPlane));
  Value begin = e.add(plane, e.mulIndex(group, layout.bytes));
  for (auto [i, component] : llvm::enumerate(layout.components)) {
    Value to = getComponent(begin, i), from = parts[component.source];
    if (component.source != 0)
      writePart(component, to, e.index(0), from);
    else if (component.width <= 8)
      writeGroupCodes(component, to, from);
    else
      writeGroupFloats(component, to, from);
  }
}

//===----------------------------------------------------------------------===//
// Both sides
//===----------------------------------------------------------------------===//

FailureOr<CacheStores> CacheStores::open(Kernel &kernel, Operation *op,
                                         lm::CacheType type, Value cache,
                                         Value layer) {
  for (CacheSide side : {CacheSide::Keys, CacheSide::Values})
    if (!isCacheEncodable(type.getSpec(side)))
      return op->emitOpError("has no code yet for ")
             << type << "; " << kExpectedRowEncoding << " of a head";
  Emitter &e = kernel.e;
  auto bytes = MemRefType::get({ShapedType::kDynamic}, e.getI8Type());
  auto buffers =
      lm::CacheBuffersOp::create(e, bytes, bytes, bytes, e.getIndexType(),
                                 kernel.buffer(cache), kernel.buffer(layer));
  auto makeStore = [&](CacheSide side, Value memory) {
    return CacheStore(kernel, type, type.getSpec(side), side, memory,
                      buffers.getCapacity());
  };
  CacheStores stores{makeStore(CacheSide::Keys, buffers.getKeys()),
                     makeStore(CacheSide::Values, buffers.getValues()),
                     std::nullopt};
  if (type.getKeyGroup() > 1)
    stores.recent.emplace(
        CacheStore::getRecent(kernel, type, buffers.getRecent()));
  return stores;
}
