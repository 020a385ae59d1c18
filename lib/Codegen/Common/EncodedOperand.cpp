//===- EncodedOperand.cpp - Reads encoded tensors in generated code -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/EncodedOperand.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::compress;

TargetEmitter::~TargetEmitter() = default;

Value TargetEmitter::lookup(Emitter &e, Value table, int64_t entries,
                            Value index) {
  int64_t lanes = Emitter::getLanes(index);
  if (!lanes)
    return e.load(table,
                  {arith::IndexCastUIOp::create(e, e.getIndexType(), index)});
  // A gather: every lane is in bounds.
  Value all = arith::ConstantOp::create(
      e, cast<TypedAttr>(DenseElementsAttr::get(
             VectorType::get({lanes}, e.getI1Type()), true)));
  return vector::GatherOp::create(e, VectorType::get({lanes}, e.getF32Type()),
                                  table, ValueRange{e.index(0)}, index, all,
                                  e.constantF32(0, lanes));
}

Value compress::getConstantBuffer(Emitter &e, Operation *symbolTable,
                                  MemRefType type, DenseElementsAttr data) {
  std::string text;
  llvm::raw_string_ostream(text) << data;
  std::string name = "table_" + llvm::utohexstr(llvm::xxh3_64bits(text));
  if (!SymbolTable::lookupSymbolIn(symbolTable, name)) {
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(&symbolTable->getRegion(0).front());
    memref::GlobalOp::create(e, name, e.getStringAttr("private"), type, data,
                             /*constant=*/true, e.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(e, type, name);
}

Value compress::getConstantTable(Emitter &e, Operation *symbolTable,
                                 ArrayRef<float> values) {
  auto type =
      MemRefType::get({static_cast<int64_t>(values.size())}, e.getF32Type());
  auto data = DenseElementsAttr::get(
      RankedTensorType::get(type.getShape(), e.getF32Type()), values);
  return getConstantBuffer(e, symbolTable, type, data);
}

//===----------------------------------------------------------------------===//
// Leaf: one component
//===----------------------------------------------------------------------===//

namespace {

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

  /// Integer components as i32 (laid-out codes unsigned and biased, canonical
  /// ones as the code's own value), floats as they are stored.
  Value read(Emitter &e, ArrayRef<Coord> index, int64_t lanes) const;
  int64_t getBias() const { return laidOut ? planes.front().layout.bias : 0; }
  bool isWideFloat() const {
    return spec.number.isFloat() && spec.number.getBits() >= 16;
  }

private:
  Value readPlane(Emitter &e, const Plane &plane, ArrayRef<Coord> index,
                  int64_t lanes) const;
  Value readCanonical(Emitter &e, ArrayRef<Coord> index) const;
  Value readPacked(Emitter &e, Value row, Coord column) const;
};

} // namespace

/// Where the element at `index` begins: a unit of `unit` bits and a bit within
/// it. `lanes` consecutive rows are taken to begin there.
static std::pair<Value, Value> locate(Emitter &e, const ComponentLayout &layout,
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

/// Shifts right by a number of bits that may be known, and keeps `width` bits.
static Value cut(Emitter &e, Value words, Value bits, unsigned width) {
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

/// Distance between consecutive rows in bits; 0 where they share an element.
static int64_t getRowStride(const ComponentLayout &layout, unsigned rowDim) {
  int64_t stride = layout.width;
  for (const LayoutLoop &loop : llvm::reverse(layout.loops)) {
    if (loop.dim == rowDim && loop.stride == 1)
      return stride;
    stride *= loop.extent;
  }
  return 0;
}

/// The dimension of which a laid-out component has several rows side by side:
/// the innermost loop that splits a dimension into single steps, other than the
/// reduction's interleaving.
static unsigned getRowDim(const ComponentLayout &layout);

Value Leaf::readPlane(Emitter &e, const Plane &plane, ArrayRef<Coord> index,
                      int64_t lanes) const {
  const ComponentLayout &layout = plane.layout;
  Type element = cast<MemRefType>(plane.buffer.getType()).getElementType();
  Type i32 = e.getI32Type();
  if (element != e.getI8Type()) { // whole floats and words
    auto [address, bits] = locate(e, layout, index, layout.width);
    bool uniform = !lanes || !getRowStride(layout, getRowDim(layout));
    Value value = e.load(plane.buffer, {address}, uniform ? 0 : lanes);
    return e.splat(value, lanes);
  }
  int64_t stride = lanes ? getRowStride(layout, getRowDim(layout)) : 0;
  if (!stride) { // one byte
    auto [address, bits] = locate(e, layout, index, 8);
    Value byte = e.load(plane.buffer, {address});
    Value word = arith::ExtUIOp::create(e, i32, byte);
    return e.splat(cut(e, word, bits, layout.width), lanes);
  }
  if (stride == 8) { // a byte per row
    auto [address, bits] = locate(e, layout, index, 8);
    Value bytes = e.load(plane.buffer, {address}, lanes);
    return arith::ExtUIOp::create(e, VectorType::get({lanes}, i32), bytes);
  }
  // A word per row, of which some bits are wanted.
  assert(stride == 32 && "panels interleave four codes");
  auto [address, bits] = locate(e, layout, index, 32);
  Value bytes = e.load(plane.buffer, {e.mulIndex(address, 4)}, 4 * lanes);
  Value words =
      vector::BitCastOp::create(e, VectorType::get({lanes}, i32), bytes);
  return cut(e, words, bits, layout.width);
}

static unsigned getRowDim(const ComponentLayout &layout) {
  // Panels keep rows in two loops, of strides 1 and `rows`.
  for (const LayoutLoop &outer : layout.loops)
    for (const LayoutLoop &inner : layout.loops)
      if (inner.dim == outer.dim && inner.stride == 1 &&
          outer.stride == inner.extent && inner.extent >= 8)
        return inner.dim;
  return ~0u;
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
  return cut(e, word, e.remIndex(bit, 8), bits);
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

//===----------------------------------------------------------------------===//
// Node: an encoding
//===----------------------------------------------------------------------===//

/// What a part is: a component, or an encoding with components of its own.
struct PartNode {
  std::unique_ptr<Leaf> leaf;
  std::unique_ptr<EncodedOperand::Node> node;
  explicit operator bool() const { return leaf || node; }
};

struct EncodedOperand::Node {
  const EncodingSpec *spec = nullptr;
  std::unique_ptr<Leaf> codes, table, sums, index;
  PartNode scale, zero, min, values;
};

namespace {

/// Hands out components in their canonical order.
class NodeBuilder {
public:
  NodeBuilder(ArrayRef<ComponentSpec> specs, ArrayRef<ComponentLayout> layouts,
              ValueRange flat, ValueRange shaped, bool laidOut)
      : specs(specs), layouts(layouts), flat(flat), shaped(shaped),
        laidOut(laidOut) {}

  std::unique_ptr<Leaf> takeLeaf() {
    auto leaf = std::make_unique<Leaf>();
    leaf->spec = specs[next];
    leaf->laidOut = laidOut;
    for (auto [layout, buffer, stored] : llvm::zip(layouts, flat, shaped))
      if (layout.source == next)
        leaf->planes.push_back({layout, buffer, stored});
    ++next;
    return leaf;
  }

  std::unique_ptr<EncodedOperand::Node> takeNode(const EncodingSpec &spec) {
    auto node = std::make_unique<EncodedOperand::Node>();
    node->spec = &spec;
    switch (spec.kind) {
    case EncodingSpec::Kind::NM:
      node->values = takePart(spec.values);
      node->index = takeLeaf();
      return node;
    case EncodingSpec::Kind::Block:
    case EncodingSpec::Kind::Permuted:
      node->index = takeLeaf(); // offset or order
      if (spec.kind == EncodingSpec::Kind::Block)
        node->table = takeLeaf(); // column
      node->values = takePart(spec.values);
      return node;
    default:
      break;
    }
    node->codes = takeLeaf();
    node->scale = takePart(spec.scale);
    node->zero = takePart(spec.zero);
    node->min = takePart(spec.min);
    if (spec.kind == EncodingSpec::Kind::Codebook && spec.table.empty())
      node->table = takeLeaf();
    if (spec.sums)
      node->sums = takeLeaf();
    return node;
  }

private:
  PartNode takePart(const Part &part) {
    PartNode result;
    if (part.isEncoding())
      result.node = takeNode(part.getEncoding());
    else if (part)
      result.leaf = takeLeaf();
    return result;
  }

  ArrayRef<ComponentSpec> specs;
  ArrayRef<ComponentLayout> layouts;
  ValueRange flat, shaped;
  bool laidOut;
  unsigned next = 0;
};

/// Reads nodes; everything that a read needs beside the index.
struct Reader {
  Emitter &e;
  TargetEmitter &target;
  Operation *symbolTable;
  ArrayRef<int64_t> shape;
  int64_t lanes;
  EncodedOperand::Cache &cache;

  /// The value of a plain number: f32 from whatever is stored.
  Value number(const Leaf &leaf, ArrayRef<Coord> index) {
    Value stored = leaf.read(e, index, lanes);
    NumberType type = leaf.spec.number;
    if (leaf.isWideFloat())
      return e.toF32(stored);
    if (type.isFloat())
      return lookupFloat(type, stored);
    Value value = e.toF32(stored, /*isSigned=*/true);
    if (int64_t bias = leaf.getBias())
      value = e.sub(value, e.constantF32(bias));
    return value;
  }

  Value part(const PartNode &part, ArrayRef<Coord> index) {
    if (!part)
      return Value();
    return part.node ? value(*part.node, index) : number(*part.leaf, index);
  }

  /// A part that a block of values shares, read once per block and scope.
  Value blockPart(const EncodedOperand::Node &node, const PartNode &shared,
                  ArrayRef<Coord> index) {
    if (!shared)
      return Value();
    if (!lanes)
      return part(shared, index);
    EncodedOperand::CacheKey key{&shared, {}};
    for (auto [at, block] : llvm::zip(index, node.spec->block))
      key.second.push_back(at.inBlock(block));
    for (auto &[known, value] : cache)
      if (known == key)
        return value;
    Value value = part(shared, index);
    cache.push_back({std::move(key), value});
    return value;
  }

  Value lookupFloat(NumberType type, Value code) {
    SmallVector<float> entries;
    for (uint32_t i = 0; i < (1u << type.getBits()); ++i)
      entries.push_back(type.decode(i));
    return target.lookup(e, getConstantTable(e, symbolTable, entries),
                         entries.size(), code);
  }

  Value value(const EncodedOperand::Node &node, ArrayRef<Coord> index) {
    switch (node.spec->kind) {
    case EncodingSpec::Kind::Affine:
      return affine(node, index);
    case EncodingSpec::Kind::Float:
      return scaled(node, number(*node.codes, index), index);
    case EncodingSpec::Kind::Codebook:
      return scaled(node, entry(node, node.codes->read(e, index, lanes)),
                    index);
    case EncodingSpec::Kind::NM:
      return fromGroup(node, index);
    case EncodingSpec::Kind::Permuted:
      return part(node.values, index);
    case EncodingSpec::Kind::Block:
      return fromBlocks(node, index);
    }
    llvm_unreachable("all kinds are handled");
  }

  Value entry(const EncodedOperand::Node &node, Value code) {
    if (node.spec->table.empty())
      return target.lookup(e, node.table->planes.front().buffer,
                           int64_t(1) << node.spec->code.getBits(), code);
    return target.lookup(e, getConstantTable(e, symbolTable, node.spec->table),
                         node.spec->table.size(), code);
  }

  Value scaled(const EncodedOperand::Node &node, Value code,
               ArrayRef<Coord> index) {
    Value scale = blockPart(node, node.scale, index),
          min = blockPart(node, node.min, index);
    if (scale && min)
      return e.fma(code, scale, min);
    if (scale)
      return e.mul(code, scale);
    return min ? e.add(code, min) : code;
  }

  /// scale * (code - zero) + min, with the code's bias as part of the zero
  /// point: code * scale + (min - scale * (zero + bias)). Biases are powers of
  /// two, so this rounds no more than the last step does.
  Value affine(const EncodedOperand::Node &node, ArrayRef<Coord> index) {
    Value code = e.toF32(node.codes->read(e, index, lanes));
    auto bias = static_cast<float>(node.codes->getBias());
    Value scale = blockPart(node, node.scale, index),
          zero = blockPart(node, node.zero, index),
          min = blockPart(node, node.min, index);
    if (zero || !scale) {
      if (zero)
        code = e.sub(code, bias ? e.add(zero, e.constantF32(bias)) : zero);
      else if (bias)
        code = e.sub(code, e.constantF32(bias));
    } else if (bias) {
      Value shift = e.mul(scale, e.constantF32(-bias));
      return e.fma(code, scale, min ? e.add(min, shift) : shift);
    }
    if (scale && min)
      return e.fma(code, scale, min);
    if (scale)
      return e.mul(code, scale);
    return min ? e.add(code, min) : code;
  }

  /// The coordinates of stored value `i` of group `group`.
  SmallVector<Coord> inGroup(ArrayRef<Coord> index, Coord group, int64_t n,
                             int64_t i) {
    SmallVector<Coord> at(index);
    at.back() = group.isConstant() ? Coord(group.getConstant() * n + i)
                                   : Coord(group.get(e), n, i);
    return at;
  }

  Value isAt(Value position, Value wanted) {
    return arith::CmpIOp::create(e, arith::CmpIPredicate::eq, position,
                                 e.splat(wanted, Emitter::getLanes(position)));
  }

  Value fromGroup(const EncodedOperand::Node &node, ArrayRef<Coord> index) {
    Coord group = index.back().div(e, node.spec->m);
    Value wanted = arith::IndexCastUIOp::create(
        e, e.getI32Type(), index.back().mod(e, node.spec->m).get(e));
    Value result = e.constantF32(0, lanes);
    for (int64_t i = 0; i < node.spec->n; ++i) {
      SmallVector<Coord> at = inGroup(index, group, node.spec->n, i);
      Value found = isAt(node.index->read(e, at, lanes), wanted);
      result = arith::SelectOp::create(e, found, part(node.values, at), result);
    }
    return result;
  }

  SmallVector<Value> group(const EncodedOperand::Node &node,
                           ArrayRef<Coord> index, Coord group) {
    SmallVector<Value> results(node.spec->m, e.constantF32(0, lanes));
    for (int64_t i = 0; i < node.spec->n; ++i) {
      SmallVector<Coord> at = inGroup(index, group, node.spec->n, i);
      Value position = node.index->read(e, at, lanes);
      Value kept = part(node.values, at);
      for (auto [j, result] : llvm::enumerate(results))
        result = arith::SelectOp::create(e, isAt(position, e.constantI32(j)),
                                         kept, result);
    }
    return results;
  }

  /// Looks for the block among those of its block row.
  Value fromBlocks(const EncodedOperand::Node &node, ArrayRef<Coord> index) {
    int64_t height = node.spec->block[node.spec->block.size() - 2];
    int64_t width = node.spec->block.back();
    Value blockRow = index[index.size() - 2].div(e, height).get(e);
    for (size_t i = 0; i + 2 < index.size(); ++i)
      blockRow =
          e.add(blockRow, e.mulIndex(index[i].get(e),
                                     llvm::divideCeil(shape[i + 1], height)));
    auto word = [&](const Leaf &leaf, Value at) -> Value {
      return arith::IndexCastUIOp::create(
          e, e.getIndexType(), e.load(leaf.planes.front().buffer, {at}));
    };
    Value wanted = index.back().div(e, width).get(e);
    Value row = index[index.size() - 2].mod(e, height).get(e);
    Coord column = index.back().mod(e, width);
    Value begin = word(*node.index, blockRow);
    Value end = word(*node.index, e.addIndex(blockRow, 1));
    return e
        .loop(begin, end, 1, ValueRange{e.constantF32(0)},
              [&](Value block, ValueRange carried) {
                Value found =
                    arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                          word(*node.table, block), wanted);
                SmallVector<Coord> at{
                    Coord(e.add(e.mulIndex(block, height), row)), column};
                Value value = part(node.values, at);
                return SmallVector<Value>{
                    arith::SelectOp::create(e, found, value, carried.front())};
              })
        .front();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// EncodedOperand
//===----------------------------------------------------------------------===//

EncodedOperand::EncodedOperand(Emitter &e, RankedTensorType type,
                               ValueRange buffers, TargetEmitter &target,
                               Operation *symbolTable)
    : type(type), target(&target), symbolTable(symbolTable) {
  EncodingAttrInterface encoding = getEncoding(type);
  if (!encoding) {
    plain = buffers.front();
    return;
  }
  spec = std::make_unique<EncodingSpec>(encoding.getSpec());
  SmallVector<int64_t> shape;
  for (int64_t size : type.getShape())
    shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  SmallVector<ComponentSpec> specs = compress::getComponents(*spec, shape);
  SmallVector<ComponentLayout> layouts = encoding.getLayouts(shape);
  SmallVector<Value> flat;
  for (Value buffer : buffers)
    flat.push_back(e.flatten(buffer));
  NodeBuilder builder(specs, layouts, flat, buffers, encoding.isLaidOut());
  node = builder.takeNode(*spec);
}

EncodedOperand::~EncodedOperand() = default;
EncodedOperand::EncodedOperand(EncodedOperand &&) = default;

/// The node below a Permuted, if there is one.
static const EncodedOperand::Node *skipOrder(const EncodedOperand::Node *node) {
  return node->spec->kind == EncodingSpec::Kind::Permuted
             ? node->values.node.get()
             : node;
}

/// The innermost node of the tensor's values; null for plain values.
static const EncodedOperand::Node *
getNumbers(const EncodedOperand::Node *node) {
  while (node && !node->spec->isNumberFormat())
    node = node->values.node.get();
  return node;
}

const EncodingSpec *EncodedOperand::getNumberFormat() const {
  const Node *numbers = node ? getNumbers(node.get()) : nullptr;
  return numbers ? numbers->spec : nullptr;
}

bool EncodedOperand::isPermuted() const {
  return node && node->spec->kind == EncodingSpec::Kind::Permuted;
}

Value EncodedOperand::logicalColumn(Emitter &e, Value stored) const {
  if (!isPermuted())
    return stored;
  Value order = node->index->planes.front().buffer;
  return arith::IndexCastUIOp::create(e, e.getIndexType(),
                                      e.load(order, {stored}));
}

Value EncodedOperand::read(Emitter &e, ArrayRef<Coord> index, int64_t lanes) {
  if (node)
    return Reader{e, *target, symbolTable, type.getShape(), lanes, cache}.value(
        *node, index);
  SmallVector<Value> at;
  for (const Coord &coord : index)
    at.push_back(coord.get(e));
  return e.toF32(e.load(plain, at, lanes));
}

int64_t EncodedOperand::getGroup() const {
  if (!node || skipOrder(node.get())->spec->kind != EncodingSpec::Kind::NM)
    return 1;
  return skipOrder(node.get())->spec->m;
}

SmallVector<Value> EncodedOperand::readGroup(Emitter &e, ArrayRef<Coord> index,
                                             Coord group, int64_t lanes) {
  return Reader{e, *target, symbolTable, type.getShape(), lanes, cache}.group(
      *skipOrder(node.get()), index, group);
}

int64_t EncodedOperand::getBias() const {
  return getNumbers(node.get())->codes->getBias();
}

Value EncodedOperand::readQuads(Emitter &e, ArrayRef<Coord> index,
                                int64_t lanes) {
  Type i32 = e.getI32Type();
  Value quads;
  for (const Plane &plane : getNumbers(node.get())->codes->planes) {
    unsigned width = plane.layout.width;
    auto [address, bits] = locate(e, plane.layout, index, 32);
    Value bytes = e.load(plane.buffer, {e.mulIndex(address, 4)}, 4 * lanes);
    Value words =
        vector::BitCastOp::create(e, VectorType::get({lanes}, i32), bytes);
    if (width < 8) {
      // The same bits of all four bytes at once.
      words = cut(e, words, bits, 32);
      int64_t mask = ((int64_t(1) << width) - 1) * 0x01010101;
      words = arith::AndIOp::create(e, words, e.constantI32(mask, lanes));
      if (plane.layout.shift)
        words = arith::ShLIOp::create(e, words,
                                      e.constantI32(plane.layout.shift, lanes));
    }
    quads = quads ? Value(arith::OrIOp::create(e, quads, words)) : words;
  }
  return quads;
}

EncodedOperand::BlockValues
EncodedOperand::readBlock(Emitter &e, ArrayRef<Coord> index, int64_t lanes) {
  const Node *numbers = getNumbers(node.get());
  Reader reader{e, *target, symbolTable, type.getShape(), lanes, cache};
  return {reader.blockPart(*numbers, numbers->scale, index),
          reader.blockPart(*numbers, numbers->zero, index),
          reader.blockPart(*numbers, numbers->min, index)};
}

Value EncodedOperand::readSum(Emitter &e, ArrayRef<Coord> index) {
  return getNumbers(node.get())->sums->read(e, index, 0);
}

Value EncodedOperand::getCodes() const {
  return getNumbers(node.get())->codes->planes.front().buffer;
}
