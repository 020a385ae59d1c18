//===- ConvertQuant.cpp - Upstream's quantized types, both ways -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's `!quant.uniform` has scales and zero points in the type, our
// encodings have them as data beside the codes. So one becomes the other where
// codes and constants meet: at quant.scast and compress.assemble.
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Encoding/Codec.h"
#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Matchers.h"

namespace mlir::compress {
#define GEN_PASS_DEF_QUANTIZEDFROMQUANT
#define GEN_PASS_DEF_QUANTIZEDTOQUANT
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

/// What both spellings say of a tensor.
namespace {
struct Uniform {
  RankedTensorType expressed;
  NumberType code = NumberType::getSigned(8);
  bool narrow = false;
  /// Sizes of a block, all static.
  SmallVector<int64_t> block;
  /// One per block, row-major over the grid.
  SmallVector<double> scales;
  SmallVector<int64_t> zeros;

  bool hasZeros() const {
    return any_of(zeros, [](int64_t zero) { return zero != 0; });
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Codes in constants
//===----------------------------------------------------------------------===//

/// The integers of a constant of codes of so many bits, a row from a byte on,
/// or nothing where `value` is no constant.
static std::optional<SmallVector<uint32_t>>
getPackedCodes(Value value, ArrayRef<int64_t> shape, unsigned bits) {
  DenseElementsAttr constant;
  if (!matchPattern(value, m_Constant(&constant)))
    return std::nullopt;
  std::vector<uint8_t> bytes;
  for (const APInt &byte : constant.getValues<APInt>())
    bytes.push_back(byte.getZExtValue());
  int64_t columns = shape.back(),
          rows = columns ? ShapedType::getNumElements(shape) / columns : 0;
  int64_t rowBytes = (columns * bits + 7) / 8;
  SmallVector<uint32_t> codes;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      codes.push_back(unpackBits(&bytes[row * rowBytes], bits, column));
  return codes;
}

/// A constant whose rows of codes are packed, of a component's type.
static Value makePacked(OpBuilder &b, Location loc, RankedTensorType type,
                        ArrayRef<uint32_t> codes, int64_t columns,
                        unsigned bits) {
  int64_t rowBytes = (columns * bits + 7) / 8;
  std::vector<char> bytes(columns ? codes.size() / columns * rowBytes : 0);
  for (size_t row = 0; row * columns < codes.size(); ++row)
    packBits(codes.slice(row * columns, columns), bits,
             reinterpret_cast<uint8_t *>(&bytes[row * rowBytes]));
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::getFromRawBuffer(type, bytes));
}

//===----------------------------------------------------------------------===//
// From upstream
//===----------------------------------------------------------------------===//

/// Fills in scales, zero points and blocks.
static LogicalResult readParameters(Operation *op, quant::QuantizedType type,
                                    Uniform &uniform) {
  ArrayRef<int64_t> shape = uniform.expressed.getShape();
  uniform.block.assign(shape.begin(), shape.end());
  if (auto tensor = dyn_cast<quant::UniformQuantizedType>(type)) {
    uniform.scales = {tensor.getScale()};
    uniform.zeros = {tensor.getZeroPoint()};
    return success();
  }
  if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
    uniform.block[axis.getQuantizedDimension()] = 1;
    append_range(uniform.scales, axis.getScales());
    append_range(uniform.zeros, axis.getZeroPoints());
    return success();
  }
  auto blocks = dyn_cast<quant::UniformQuantizedSubChannelType>(type);
  if (!blocks)
    return op->emitOpError() << "has " << type
                             << ", which says no scale; only quant.uniform "
                                "types can be converted";
  for (auto [dimension, size] : blocks.getBlockSizeInfo())
    uniform.block[dimension] = size;
  for (const APFloat &scale : blocks.getScales().getValues<APFloat>())
    uniform.scales.push_back(scale.convertToDouble());
  for (const APInt &zero : blocks.getZeroPoints().getValues<APInt>())
    uniform.zeros.push_back(uniform.code.isSigned() ? zero.getSExtValue()
                                                    : zero.getZExtValue());
  return success();
}

/// What a quantized tensor type says, where encodings can say it.
static FailureOr<Uniform> readQuantType(Operation *op, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() || tensor.getRank() == 0)
    return op->emitOpError()
           << "is on " << type << "; encodings are of tensors of static shape";
  auto element = cast<quant::QuantizedType>(tensor.getElementType());
  if (!element.getExpressedType().isF32())
    return op->emitOpError() << "stands for " << element.getExpressedType()
                             << "; encoded tensors are decoded in f32";
  Uniform uniform;
  uniform.expressed =
      RankedTensorType::get(tensor.getShape(), element.getExpressedType());
  unsigned bits = element.getStorageTypeIntegralWidth();
  if (bits > 8)
    return op->emitOpError() << "stores integers of " << bits
                             << " bits; encodings have at most 8";
  uniform.code = element.isSigned() ? NumberType::getSigned(bits)
                                    : NumberType::getUnsigned(bits);
  uniform.narrow = element.isSigned() && bits > 1 &&
                   element.getStorageTypeMin() == uniform.code.getMin() + 1;
  if (element.getStorageTypeMin() != uniform.code.getMin() + uniform.narrow ||
      element.getStorageTypeMax() != uniform.code.getMax())
    return op->emitOpError()
           << "uses " << element.getStorageTypeMin() << " to "
           << element.getStorageTypeMax() << " of " << uniform.code.str()
           << "; encodings use all codes, or all but the "
              "lowest";
  if (failed(readParameters(op, element, uniform)))
    return failure();
  for (double scale : uniform.scales)
    if (double(float(scale)) != scale)
      return op->emitOpError()
             << "has the scale " << scale << ", which f32 can't hold";
  for (int64_t zero : uniform.zeros)
    if (zero < uniform.code.getMin() || zero > uniform.code.getMax())
      return op->emitOpError() << "has the zero point " << zero
                               << ", which is no " << uniform.code.str();
  return uniform;
}

/// The encoded tensor of codes that lie one in a byte, or as integers of the
/// storage type in a constant.
static FailureOr<Value> assemble(OpBuilder &b, quant::StorageCastOp op,
                                 const Uniform &uniform) {
  Location loc = op.getLoc();
  MLIRContext *context = op.getContext();
  unsigned bits = uniform.code.getBits();
  auto getInteger = [&](NumberType number) {
    return IntegerType::get(context, number.getBits(),
                            number.isSigned() ? IntegerType::Signless
                                              : IntegerType::Unsigned);
  };
  Attribute zero;
  if (uniform.hasZeros())
    zero = TypeAttr::get(getInteger(uniform.code));
  auto encoding = quantized::AffineAttr::get(
      context, getInteger(uniform.code),
      DenseI64ArrayAttr::get(context, uniform.block),
      TypeAttr::get(b.getF32Type()), zero, Attribute(), uniform.narrow,
      /*sums=*/false);
  RankedTensorType type = withEncoding(uniform.expressed, encoding);
  SmallVector<Component> components = getComponents(type);

  SmallVector<Value> operands = {op.getInput()};
  if (bits < 8) {
    DenseElementsAttr constant;
    if (!matchPattern(op.getInput(), m_Constant(&constant)))
      return op.emitOpError()
             << "stores integers of " << bits
             << " bits that are computed; they are packed in encodings, which "
                "is done for constants only";
    SmallVector<uint32_t> codes;
    for (const APInt &code : constant.getValues<APInt>())
      codes.push_back(code.getZExtValue());
    operands[0] = makePacked(b, loc, components[0].type, codes,
                             uniform.expressed.getShape().back(), bits);
  }
  SmallVector<float> scales(uniform.scales.begin(), uniform.scales.end());
  operands.push_back(arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(components[1].type, ArrayRef(scales))));
  if (zero) {
    SmallVector<uint32_t> zeros(uniform.zeros.begin(), uniform.zeros.end());
    int64_t columns =
        getBlockGrid(uniform.block, uniform.expressed.getShape()).back();
    operands.push_back(
        makePacked(b, loc, components[2].type, zeros, columns, bits));
  }
  return AssembleOp::create(b, loc, type, operands).getResult();
}

/// Whether a type is, or holds, a quantized one of upstream.
static bool isQuant(Type type) {
  return isa<quant::QuantizedType>(getElementTypeOrSelf(type));
}

static LogicalResult convertStorageCast(quant::StorageCastOp op) {
  FailureOr<Uniform> uniform = readQuantType(op, op.getType());
  if (failed(uniform))
    return failure();
  for (Operation *user : op->getUsers())
    if (!isa<quant::DequantizeCastOp, quant::StorageCastOp>(user))
      return user->emitOpError()
             << "uses a quantized tensor of upstream; only quant.dcast and "
                "quant.scast can be converted";
  OpBuilder b(op);
  FailureOr<Value> encoded = assemble(b, op, *uniform);
  if (failed(encoded))
    return failure();
  for (Operation *user : make_early_inc_range(op->getUsers())) {
    if (auto dequantize = dyn_cast<quant::DequantizeCastOp>(user)) {
      b.setInsertionPoint(user);
      dequantize.replaceAllUsesWith(
          DecodeOp::create(b, user->getLoc(), dequantize.getType(), *encoded)
              .getResult());
    } else {
      user->getResult(0).replaceAllUsesWith(op.getInput());
    }
    user->erase();
  }
  op->erase();
  return success();
}

namespace {
struct QuantizedFromQuantPass
    : compress::impl::QuantizedFromQuantBase<QuantizedFromQuantPass> {
  void runOnOperation() override {
    SmallVector<quant::StorageCastOp> casts;
    WalkResult result = getOperation()->walk([&](Operation *op) -> WalkResult {
      if (isa<quant::QuantizeCastOp>(op))
        return op->emitOpError()
               << "rounds with scales that are in the type; compress.encode "
                  "finds them from the values";
      if (auto cast = dyn_cast<quant::StorageCastOp>(op);
          cast && isQuant(cast.getType()))
        casts.push_back(cast);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (quant::StorageCastOp cast : casts)
      if (failed(convertStorageCast(cast)))
        return signalPassFailure();
    numConverted += casts.size();
    // What remains came in from elsewhere.
    result = getOperation()->walk([&](Operation *op) -> WalkResult {
      auto arguments = [](Region &region) { return region.getArgumentTypes(); };
      for (Region &region : op->getRegions())
        if (!region.empty() && any_of(arguments(region), isQuant))
          return op->emitOpError()
                 << "takes a quantized tensor of upstream, whose scales are "
                    "in its type; an encoding has them as data: pass integers "
                    "and use quant.scast";
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// To upstream
//===----------------------------------------------------------------------===//

/// The numbers of a constant part, or nothing.
static std::optional<SmallVector<double>>
readPart(Value value, NumberType number, ArrayRef<int64_t> grid) {
  SmallVector<double> numbers;
  if (number.getBits() <= 8) {
    std::optional<SmallVector<uint32_t>> codes =
        getPackedCodes(value, grid, number.getBits());
    if (!codes)
      return std::nullopt;
    for (uint32_t code : *codes)
      numbers.push_back(number.decode(code));
    return numbers;
  }
  DenseElementsAttr constant;
  if (!matchPattern(value, m_Constant(&constant)))
    return std::nullopt;
  for (APFloat scale : constant.getValues<APFloat>()) {
    bool losesInfo;
    scale.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    numbers.push_back(scale.convertToDouble());
  }
  return numbers;
}

/// What an encoding with constant parts says, where upstream's types can.
static FailureOr<Uniform> readAssembled(AssembleOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  EncodingSpec spec = getEncoding(type).getSpec();
  bool isUniform = spec.kind == EncodingSpec::Kind::Affine && spec.scale &&
                   spec.scale.isNumber() && !spec.min && !spec.sums &&
                   (!spec.zero || (spec.zero.isNumber() &&
                                   spec.zero.getNumber().isInteger()));
  if (!isUniform || !type.hasStaticShape() || !type.getElementType().isF32())
    return op.emitOpError() << "makes " << type
                            << ", which no quant.uniform type says: it has "
                               "integers with a scale and a zero point";
  Uniform uniform;
  uniform.expressed = withEncoding(type, Attribute());
  uniform.code = spec.code;
  uniform.narrow = spec.narrow;
  for (auto [size, whole] : zip_equal(spec.block, type.getShape())) {
    uniform.block.push_back(size == -1 ? whole : std::min(size, whole));
    if (whole % uniform.block.back() != 0)
      return op.emitOpError() << "has blocks of " << size << " in " << whole
                              << "; upstream's have one size";
  }
  SmallVector<int64_t> grid = getBlockGrid(uniform.block, type.getShape());
  auto scales = readPart(op.getComponents()[1], spec.scale.getNumber(), grid);
  std::optional<SmallVector<double>> zeros(std::in_place,
                                           ShapedType::getNumElements(grid), 0);
  if (spec.zero)
    zeros = readPart(op.getComponents()[2], spec.zero.getNumber(), grid);
  if (!scales || !zeros)
    return op.emitOpError() << "has scales or zero points that are no "
                               "constants; upstream's are in the type";
  for (double scale : *scales)
    if (!(scale > 0) || !std::isfinite(scale))
      return op.emitOpError()
             << "has the scale " << scale << "; upstream's are positive";
  uniform.scales = std::move(*scales);
  uniform.zeros.assign(zeros->begin(), zeros->end());
  return uniform;
}

/// Per tensor, axis, or block.
static Type makeQuantType(const Uniform &uniform) {
  MLIRContext *context = uniform.expressed.getContext();
  ArrayRef<int64_t> shape = uniform.expressed.getShape();
  unsigned flags =
      uniform.code.isSigned() ? quant::QuantizationFlags::Signed : 0;
  auto storage = IntegerType::get(context, uniform.code.getBits());
  Type expressed = uniform.expressed.getElementType();
  int64_t min = uniform.code.getMin() + uniform.narrow;
  int64_t max = uniform.code.getMax();
  SmallVector<int32_t> dimensions;
  SmallVector<int64_t> sizes;
  for (auto [index, size] : enumerate(uniform.block))
    if (size != shape[index]) {
      dimensions.push_back(index);
      sizes.push_back(size);
    }
  if (dimensions.empty())
    return quant::UniformQuantizedType::get(flags, storage, expressed,
                                            uniform.scales[0], uniform.zeros[0],
                                            min, max);
  if (dimensions.size() == 1 && sizes[0] == 1)
    return quant::UniformQuantizedPerAxisType::get(
        flags, storage, expressed, uniform.scales, uniform.zeros, dimensions[0],
        min, max);
  SmallVector<int64_t> grid = getBlockGrid(uniform.block, shape);
  SmallVector<float> scales(uniform.scales.begin(), uniform.scales.end());
  SmallVector<APInt> zeros;
  for (int64_t zero : uniform.zeros)
    zeros.emplace_back(uniform.code.getBits(), zero, /*isSigned=*/true,
                       /*implicitTrunc=*/true);
  return quant::UniformQuantizedSubChannelType::get(
      flags, storage, expressed,
      DenseElementsAttr::get(RankedTensorType::get(grid, expressed),
                             ArrayRef(scales)),
      DenseElementsAttr::get(RankedTensorType::get(grid, storage), zeros),
      dimensions, sizes, min, max);
}

static LogicalResult convertAssemble(AssembleOp op) {
  FailureOr<Uniform> uniform = readAssembled(op);
  if (failed(uniform))
    return failure();
  for (Operation *user : op->getUsers())
    if (!isa<DecodeOp>(user))
      return user->emitOpError() << "uses an encoded tensor; only "
                                    "compress.decode can be converted";
  OpBuilder b(op);
  ArrayRef<int64_t> shape = uniform->expressed.getShape();
  unsigned bits = uniform->code.getBits();
  Value codes = op.getComponents()[0];
  if (bits < 8) {
    auto unpacked = getPackedCodes(codes, shape, bits);
    if (!unpacked)
      return op.emitOpError()
             << "has codes of " << bits
             << " bits that are computed; they are packed here, and unpacked "
                "for constants only";
    SmallVector<APInt> integers;
    for (uint32_t code : *unpacked)
      integers.emplace_back(bits, code);
    codes = arith::ConstantOp::create(
        b, op.getLoc(),
        DenseElementsAttr::get(
            RankedTensorType::get(shape, b.getIntegerType(bits)), integers));
  }
  auto type = RankedTensorType::get(shape, makeQuantType(*uniform));
  auto cast = quant::StorageCastOp::create(b, op.getLoc(), type, codes);
  for (Operation *user : make_early_inc_range(op->getUsers())) {
    b.setInsertionPoint(user);
    user->getResult(0).replaceAllUsesWith(
        quant::DequantizeCastOp::create(b, user->getLoc(),
                                        user->getResult(0).getType(), cast)
            .getResult());
    user->erase();
  }
  // Constants that the type has now.
  SmallVector<Operation *> parts;
  for (Value component : op.getComponents())
    if (Operation *part = component.getDefiningOp())
      if (!is_contained(parts, part))
        parts.push_back(part);
  op->erase();
  for (Operation *part : parts)
    if (isOpTriviallyDead(part))
      part->erase();
  return success();
}

namespace {
struct QuantizedToQuantPass
    : compress::impl::QuantizedToQuantBase<QuantizedToQuantPass> {
  void runOnOperation() override {
    SmallVector<AssembleOp> assembled;
    WalkResult result = getOperation()->walk([&](Operation *op) -> WalkResult {
      if (auto assemble = dyn_cast<AssembleOp>(op)) {
        assembled.push_back(assemble);
        return WalkResult::advance();
      }
      if (any_of(op->getResultTypes(),
                 [](Type type) { return bool(getEncoding(type)); }))
        return op->emitOpError()
               << "gives an encoded tensor whose scales are data; upstream's "
                  "are in the type: only compress.assemble of constants can be "
                  "converted";
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (AssembleOp assemble : assembled)
      if (failed(convertAssemble(assemble)))
        return signalPassFailure();
    numConverted += assembled.size();
  }
};
} // namespace
