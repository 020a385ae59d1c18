//===- EncodedOperand.cpp - Reads encoded tensors in generated code -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/EncodedOperand.h"

#include "EncodedComponent.h"
#include "SmallFloat.h"

#include "compress/Encoding/IntegerProduct.h"

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

Value TargetEmitter::pickBytes(Emitter &e, Value source, Value index) {
  int64_t lanes = Emitter::getLanes(index);
  auto type = VectorType::get({4 * lanes}, e.getI8Type());
  Value bytes = vector::BitCastOp::create(e, type, index);
  SmallVector<Value> picked;
  for (int64_t i = 0; i < 4 * lanes; ++i) {
    Value at = arith::IndexCastUIOp::create(
        e, e.getIndexType(), vector::ExtractOp::create(e, bytes, i));
    picked.push_back(vector::ExtractOp::create(e, source, at));
  }
  return vector::BitCastOp::create(
      e, VectorType::get({lanes}, e.getI32Type()),
      vector::FromElementsOp::create(e, type, picked));
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
  PartNode scale, zero, min, values, outliers;
};

namespace {

/// Hands out components in their canonical order.
class NodeBuilder {
public:
  NodeBuilder(ArrayRef<ComponentSpec> specs, ArrayRef<ComponentLayout> layouts,
              ValueRange flat, ValueRange shaped, bool laidOut,
              std::optional<unsigned> laneDim)
      : specs(specs), layouts(layouts), flat(flat), shaped(shaped),
        laidOut(laidOut), laneDim(laneDim) {}

  std::unique_ptr<Leaf> takeLeaf() {
    auto leaf = std::make_unique<Leaf>();
    leaf->spec = specs[next];
    leaf->laidOut = laidOut;
    leaf->laneDim = laneDim;
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
    case EncodingSpec::Kind::Split:
      node->values = takePart(spec.values);
      node->outliers = takePart(spec.outliers);
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
  std::optional<unsigned> laneDim;
  unsigned next = 0;
};

/// Element `at` of a component of positions, as an index.
Value loadIndex(Emitter &e, const Leaf &leaf, Value at) {
  return arith::IndexCastUIOp::create(e, e.getIndexType(),
                                      e.load(leaf.planes.front().buffer, {at}));
}

/// Reads nodes; everything that a read needs beside the index.
struct Reader {
  Emitter &e;
  TargetEmitter &target;
  Operation *symbolTable;
  ArrayRef<int64_t> shape;
  int64_t lanes;
  EncodedOperand::Cache &cache;
  /// Whether scaling and shifting are one step, as factors of products have it.
  bool fused;

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
    // Scales and minima have the codec's values.
    Reader exact = *this;
    exact.fused = false;
    if (!lanes)
      return exact.part(shared, index);
    EncodedOperand::CacheKey key{&shared, {}};
    for (auto [at, block] : llvm::zip(index, node.spec->block))
      key.second.push_back(at.inBlock(block));
    for (auto &[known, value] : cache)
      if (known == key)
        return value;
    Value value = exact.part(shared, index);
    cache.push_back({std::move(key), value});
    return value;
  }

  /// Vectors are computed, since tables of 256 entries fit no register.
  Value lookupFloat(NumberType type, Value code) {
    if (lanes)
      if (std::optional<Value> value = emitSmallFloat(e, type, code))
        return *value;
    SmallVector<float> entries;
    for (uint32_t i = 0; i < (1u << type.getBits()); ++i)
      entries.push_back(type.decode(i));
    return target.lookup(e, getConstantTable(e, symbolTable, entries),
                         entries.size(), code);
  }

  Value value(const EncodedOperand::Node &node, ArrayRef<Coord> index) {
    switch (node.spec->kind) {
    case EncodingSpec::Kind::NM:
      return fromGroup(node, index);
    case EncodingSpec::Kind::Permuted:
      return part(node.values, index);
    case EncodingSpec::Kind::Block:
      return fromBlocks(node, index);
    case EncodingSpec::Kind::Split:
      return e.add(part(node.values, index), part(node.outliers, index));
    default:
      return inBlock(node, index, blockValues(node, index));
    }
  }

  EncodedOperand::BlockValues blockValues(const EncodedOperand::Node &node,
                                          ArrayRef<Coord> index) {
    return {blockPart(node, node.scale, index),
            blockPart(node, node.zero, index),
            blockPart(node, node.min, index)};
  }

  /// A value of a number format, whose block's values are known.
  Value inBlock(const EncodedOperand::Node &node, ArrayRef<Coord> index,
                const EncodedOperand::BlockValues &block) {
    switch (node.spec->kind) {
    case EncodingSpec::Kind::Affine:
      return affine(node, index, block);
    case EncodingSpec::Kind::Float:
      return scaleAndShift(number(*node.codes, index), block);
    case EncodingSpec::Kind::Codebook:
      return scaleAndShift(entry(node, node.codes->read(e, index, lanes)),
                           block);
    default:
      llvm_unreachable("structures have no blocks of their own");
    }
  }

  Value entry(const EncodedOperand::Node &node, Value code) {
    if (node.spec->table.empty())
      return target.lookup(e, node.table->planes.front().buffer,
                           int64_t(1) << node.spec->code.getBits(), code);
    return target.lookup(e, getConstantTable(e, symbolTable, node.spec->table),
                         node.spec->table.size(), code);
  }

  /// code * scale + min.
  Value scaleAndShift(Value code, const EncodedOperand::BlockValues &block) {
    if (block.scale && block.min && fused)
      return e.fma(code, block.scale, block.min);
    Value product = block.scale ? e.mul(code, block.scale) : code;
    return block.min ? e.add(product, block.min) : product;
  }

  /// scale * (code - zero) + min. Fused, a code's bias becomes part of what is
  /// added: code * scale + (min - scale * bias). Biases are powers of two, so
  /// this rounds no more than the last step does.
  Value affine(const EncodedOperand::Node &node, ArrayRef<Coord> index,
               const EncodedOperand::BlockValues &block) {
    Value code = e.toF32(node.codes->read(e, index, lanes));
    auto bias = static_cast<float>(node.codes->getBias());
    if (bias && (!fused || !block.scale)) {
      code = e.sub(code, e.constantF32(bias));
      bias = 0;
    }
    if (Value zero = block.zero)
      code = e.sub(code, bias ? e.add(zero, e.constantF32(bias)) : zero);
    else if (bias) {
      Value shift = e.mul(block.scale, e.constantF32(-bias));
      return e.fma(code, block.scale,
                   block.min ? e.add(block.min, shift) : shift);
    }
    return scaleAndShift(code, block);
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
    Value wanted = index.back().div(e, width).get(e);
    Value row = index[index.size() - 2].mod(e, height).get(e);
    Coord column = index.back().mod(e, width);
    Value begin = loadIndex(e, *node.index, blockRow);
    Value end = loadIndex(e, *node.index, e.addIndex(blockRow, 1));
    return e
        .loop(begin, end, 1, ValueRange{e.constantF32(0)},
              [&](Value block, ValueRange carried) {
                Value found = arith::CmpIOp::create(
                    e, arith::CmpIPredicate::eq,
                    loadIndex(e, *node.table, block), wanted);
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
  NodeBuilder builder(specs, layouts, flat, buffers, encoding.isLaidOut(),
                      /*laneDim=*/std::nullopt);
  node = builder.takeNode(*spec);
}

EncodedOperand::EncodedOperand(Emitter &e, const EncodingSpec &format,
                               ArrayRef<int64_t> shape,
                               ArrayRef<ComponentLayout> layouts,
                               ValueRange buffers, unsigned laneDim,
                               TargetEmitter &target, Operation *symbolTable)
    : type(RankedTensorType::get(shape, e.getF32Type())), target(&target),
      symbolTable(symbolTable), spec(std::make_unique<EncodingSpec>(format)) {
  SmallVector<ComponentSpec> specs = compress::getComponents(*spec, shape);
  NodeBuilder builder(specs, layouts, buffers, buffers, /*laidOut=*/true,
                      laneDim);
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
  return loadIndex(e, *node->index, stored);
}

const EncodingSpec *EncodedOperand::getBlockRows() const {
  bool isBlocked = node && node->spec->kind == EncodingSpec::Kind::Block;
  return isBlocked ? node->spec : nullptr;
}

std::pair<Value, Value> EncodedOperand::getStoredBlocks(Emitter &e,
                                                        Value blockRow) const {
  return {loadIndex(e, *node->index, blockRow),
          loadIndex(e, *node->index, e.addIndex(blockRow, 1))};
}

Value EncodedOperand::getBlockColumn(Emitter &e, Value block) const {
  return loadIndex(e, *node->table, block);
}

Value EncodedOperand::readPlain(Emitter &e, ArrayRef<Coord> index,
                                int64_t lanes) const {
  SmallVector<Value> at;
  for (const Coord &coord : index)
    at.push_back(coord.get(e));
  return e.toF32(e.load(plain, at, lanes));
}

Value EncodedOperand::read(Emitter &e, ArrayRef<Coord> index) {
  if (!node)
    return readPlain(e, index, 0);
  return Reader{e,           *target, symbolTable,    type.getShape(),
                /*lanes=*/0, cache,   /*fused=*/false}
      .value(*node, index);
}

Value EncodedOperand::readFactor(Emitter &e, ArrayRef<Coord> index,
                                 int64_t lanes) {
  if (!node)
    return readPlain(e, index, lanes);
  Reader reader{e,     *target, symbolTable,   type.getShape(),
                lanes, cache,   /*fused=*/true};
  if (lanes && getBlockRows())
    return reader.part(node->values, index);
  return reader.value(*node, index);
}

Value EncodedOperand::readFactor(Emitter &e, ArrayRef<Coord> index,
                                 int64_t lanes, const BlockValues &block) {
  return Reader{e,     *target, symbolTable,   type.getShape(),
                lanes, cache,   /*fused=*/true}
      .inBlock(*getNumbers(node.get()), index, block);
}

int64_t EncodedOperand::getGroup() const {
  if (!node || skipOrder(node.get())->spec->kind != EncodingSpec::Kind::NM)
    return 1;
  return skipOrder(node.get())->spec->m;
}

SmallVector<Value> EncodedOperand::readGroup(Emitter &e, ArrayRef<Coord> index,
                                             Coord group, int64_t lanes) {
  return Reader{e,     *target, symbolTable,   type.getShape(),
                lanes, cache,   /*fused=*/true}
      .group(*skipOrder(node.get()), index, group);
}

int64_t EncodedOperand::getBias() const {
  return getNumbers(node.get())->codes->getBias();
}

Value EncodedOperand::readQuads(Emitter &e, const Leaf &leaf,
                                ArrayRef<Coord> index, int64_t lanes) const {
  Type i32 = e.getI32Type();
  Value quads;
  for (const Plane &plane : leaf.planes) {
    unsigned width = plane.layout.width;
    auto [address, bits] = locate(e, plane.layout, index, 32);
    Value bytes = e.load(plane.buffer, {e.mulIndex(address, 4)}, 4 * lanes);
    Value words =
        vector::BitCastOp::create(e, VectorType::get({lanes}, i32), bytes);
    if (width < 8) {
      // The same bits of all four bytes at once.
      words = cutBits(e, words, bits, 32);
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

Value EncodedOperand::readQuads(Emitter &e, ArrayRef<Coord> index,
                                int64_t lanes) {
  return readQuads(e, *getNumbers(node.get())->codes, index, lanes);
}

void EncodedOperand::prefetchCodes(
    Emitter &e, int64_t from, int64_t to,
    function_ref<SmallVector<Coord>(int64_t)> at) const {
  const Node *numbers = getNumbers(node.get());
  // Plain numbers in a structure are its values.
  const Leaf &codes = numbers ? *numbers->codes : *node->values.leaf;
  for (const Plane &plane : codes.planes) {
    unsigned width = plane.layout.width;
    bool isPacked = width <= 8;
    // 16 rows of so many codes are a line of 64 bytes.
    int64_t perLine = std::max<int64_t>(32 / width, 1);
    for (int64_t i = llvm::alignTo(from, perLine); i < to; i += perLine) {
      Value address =
          locate(e, plane.layout, at(i), isPacked ? 32 : width).first;
      e.prefetch(plane.buffer, {isPacked ? e.mulIndex(address, 4) : address});
    }
  }
}

const EncodingSpec *EncodedOperand::getStructure() const {
  bool isStructured = node && node->spec->kind == EncodingSpec::Kind::NM;
  return isStructured ? node->spec : nullptr;
}

/// Where the group of stored value `i` of a quad begins in the quad's window.
static int64_t getGroupBegin(const EncodingSpec &structure, int64_t i) {
  return i / structure.n * structure.m;
}

Value EncodedOperand::readPositions(Emitter &e, ArrayRef<Coord> index,
                                    int64_t lanes) {
  const EncodingSpec &structure = *getStructure();
  Value positions = readQuads(e, *node->index, index, lanes);
  int64_t begins = 0;
  for (int64_t i = 0; i < 4; ++i)
    begins |= getGroupBegin(structure, i) << (8 * i);
  if (!begins)
    return positions;
  return arith::OrIOp::create(e, positions, e.constantI32(begins, lanes));
}

SmallVector<Value> EncodedOperand::readWindow(Emitter &e, ArrayRef<Coord> index,
                                              int64_t lanes) {
  const EncodingSpec &structure = *getStructure();
  PickWindow window = *getPickWindow(structure);
  // Zeros become the bias: it is taken from all codes and given back.
  Value bias = e.constantI32(getBias() * 0x01010101, lanes);
  auto flip = [&](Value quad) -> Value {
    return getBias() ? Value(arith::XOrIOp::create(e, quad, bias)) : quad;
  };
  auto byteOf = [&](Value quad, int64_t i) -> Value {
    Value byte = quad;
    if (i)
      byte = arith::ShRUIOp::create(e, byte, e.constantI32(8 * i, lanes));
    return arith::AndIOp::create(e, byte, e.constantI32(0xff, lanes));
  };
  SmallVector<Value> quads(window.values / 4);
  for (int64_t first = 0; first < window.stored; first += 4) {
    SmallVector<Coord> at(index);
    at.back() = at.back().plus(first);
    Value codes = flip(readQuads(e, at, lanes));
    Value positions = readPositions(e, at, lanes);
    for (int64_t i = 0; i < 4; ++i) {
      Value code = byteOf(codes, i);
      Value bits = e.mul(byteOf(positions, i), e.constantI32(8, lanes));
      int64_t begin = getGroupBegin(structure, i), end = begin + structure.m;
      for (int64_t q = begin / 4; q * 4 < end; ++q) {
        Value by = q ? e.sub(bits, e.constantI32(32 * q, lanes)) : bits;
        Value moved;
        if (begin >= 4 * q && end <= 4 * q + 4) {
          moved = arith::ShLIOp::create(e, code, by);
        } else {
          // Elsewhere in the group: the shift is none that the word has.
          Value isHere = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, by,
                                               e.constantI32(32, lanes));
          moved = arith::SelectOp::create(
              e, isHere, arith::ShLIOp::create(e, code, by).getResult(),
              e.constantI32(0, lanes));
        }
        quads[q] =
            quads[q] ? Value(arith::OrIOp::create(e, quads[q], moved)) : moved;
      }
    }
  }
  for (Value &quad : quads)
    quad = flip(quad);
  return quads;
}

EncodedOperand::BlockValues
EncodedOperand::readBlock(Emitter &e, ArrayRef<Coord> index, int64_t lanes) {
  const Node *numbers = getNumbers(node.get());
  Reader reader{e,     *target, symbolTable,    type.getShape(),
                lanes, cache,   /*fused=*/false};
  return reader.blockValues(*numbers, index);
}

Value EncodedOperand::readSum(Emitter &e, ArrayRef<Coord> index) {
  return getNumbers(node.get())->sums->read(e, index, 0);
}

Value EncodedOperand::getSums() const {
  return getNumbers(node.get())->sums->planes.front().buffer;
}

Value EncodedOperand::getCodes() const {
  return getNumbers(node.get())->codes->planes.front().buffer;
}
