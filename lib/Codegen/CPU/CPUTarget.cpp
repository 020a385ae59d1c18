//===- CPUTarget.cpp - What a CPU can do ----------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/CPU/CPUTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::compress;

bool CPUTarget::hasFeature(StringRef name) const {
  return llvm::is_contained(features, name);
}

bool CPUTarget::isX86() const { return llvm::Triple(triple).isX86(); }

int64_t CPUTarget::getLanes() const {
  if (hasFeature("avx512f"))
    return 16;
  return hasFeature("avx2") ? 8 : 4;
}

int64_t CPUTarget::getRegisters() const {
  return hasFeature("avx512f") ? 32 : 16;
}

/// Whether `feature` is one that processors of the host's kind can have.
static bool isKnownFeature(StringRef feature) {
  static const llvm::StringMap<bool> known = llvm::sys::getHostCPUFeatures();
  return known.empty() || known.contains(feature);
}

llvm::Expected<CPUTarget> CPUTarget::parse(StringRef text) {
  CPUTarget target;
  target.triple = llvm::sys::getProcessTriple();
  SmallVector<StringRef> parts;
  text.split(parts, '+');
  llvm::StringMap<bool> features;
  target.cpu = parts.front().str();
  if (parts.front() == "native") {
    target.cpu = llvm::sys::getHostCPUName().str();
    for (auto &[name, enabled] : llvm::sys::getHostCPUFeatures())
      if (enabled)
        features[name] = true;
  } else {
    if (llvm::X86::parseArchX86(target.cpu, /*Only64Bit=*/true) ==
        llvm::X86::CK_None)
      return llvm::createStringError(
          "unknown target '" + text +
          "'; expected native, x86-64-v3, x86-64-v4 or another processor's "
          "name, with features after plus signs: x86-64-v4+avx512vnni");
    SmallVector<StringRef> known;
    llvm::X86::getFeaturesForCPU(target.cpu, known);
    for (StringRef name : known)
      features[name] = true;
  }
  for (StringRef extra : ArrayRef(parts).drop_front()) {
    if (extra.empty())
      return llvm::createStringError("target '" + text +
                                     "' has an empty feature");
    if (!isKnownFeature(extra) && !features.contains(extra))
      return llvm::createStringError("target '" + text +
                                     "' has the unknown feature '" + extra +
                                     "'; known are LLVM's names, such as "
                                     "avx512vnni or avxvnni");
    features[extra] = true;
  }
  // A processor's list leaves out what its entries imply: that of x86-64-v4
  // does not name avx512f.
  SmallVector<std::string> named;
  for (const auto &entry : features)
    named.push_back(entry.getKey().str());
  for (StringRef name : named)
    llvm::X86::updateImpliedFeatures(name, /*Enabled=*/true, features);
  for (const auto &entry : features)
    target.features.push_back(entry.getKey().str());
  llvm::sort(target.features);
  return target;
}

//===----------------------------------------------------------------------===//
// Lookup
//===----------------------------------------------------------------------===//

static Value callIntrinsic(Emitter &e, StringRef name, Type result,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(e, result, e.getStringAttr(name),
                                       operands)
      .getResult(0);
}

/// `index` without a mask of at least its lowest `bits` bits.
static Value stripMask(Value index, unsigned bits) {
  auto mask = index.getDefiningOp<arith::AndIOp>();
  DenseElementsAttr constant;
  if (!mask || !matchPattern(mask.getRhs(), m_Constant(&constant)) ||
      !constant.isSplat())
    return index;
  APInt kept = constant.getSplatValue<APInt>();
  return kept.countTrailingOnes() >= bits ? mask.getLhs() : index;
}

Value CPUEmitter::lookup(Emitter &e, Value table, int64_t entries,
                         Value index) {
  int64_t lanes = Emitter::getLanes(index);
  auto type = VectorType::get({lanes ? lanes : 1}, e.getF32Type());
  bool fits = target.isX86() && lanes && entries <= lanes;
  if (!fits)
    return TargetEmitter::lookup(e, table, entries, index);
  Value values = e.loadFirst(table, {e.index(0)}, lanes, entries);
  // The permutations look at no more bits of an index than they need.
  if (entries == lanes)
    index = stripMask(index, llvm::Log2_64(lanes));
  if (lanes == 16)
    return callIntrinsic(e, "llvm.x86.avx512.permvar.sf.512", type,
                         {values, index});
  if (lanes == 8)
    return callIntrinsic(e, "llvm.x86.avx2.permps", type, {values, index});
  return TargetEmitter::lookup(e, table, entries, index);
}

Value CPUEmitter::pickBytes(Emitter &e, Value source, Value index) {
  int64_t lanes = Emitter::getLanes(index);
  StringRef name;
  if (lanes == 16 && target.hasFeature("avx512bw"))
    name = "llvm.x86.avx512.pshuf.b.512";
  else if (lanes == 8 && target.hasFeature("avx2"))
    name = "llvm.x86.avx2.pshuf.b";
  else if (lanes == 4 && target.hasFeature("ssse3"))
    name = "llvm.x86.ssse3.pshuf.b.128";
  if (!target.isX86() || name.empty())
    return TargetEmitter::pickBytes(e, source, index);
  SmallVector<int64_t> repeated;
  for (int64_t i = 0; i < 4 * lanes; ++i)
    repeated.push_back(i % 16);
  Value all = vector::ShuffleOp::create(e, source, source, repeated);
  auto type = cast<VectorType>(all.getType());
  Value picked = callIntrinsic(
      e, name, type, {all, vector::BitCastOp::create(e, type, index)});
  return vector::BitCastOp::create(e, index.getType(), picked);
}

//===----------------------------------------------------------------------===//
// Integer dot products
//===----------------------------------------------------------------------===//

IntegerDot::~IntegerDot() = default;

namespace {

Value toBytes(Emitter &e, Value words) {
  return vector::BitCastOp::create(
      e, VectorType::get({4 * Emitter::getLanes(words)}, e.getI8Type()), words);
}

/// One instruction a step; the sums of four products are added to an i32.
class VNNIDot : public IntegerDot {
public:
  explicit VNNIDot(int64_t lanes) : lanes(lanes) {}
  SmallVector<Value> zero(Emitter &e) override {
    return {e.constantI32(0, lanes)};
  }
  SmallVector<Value> step(Emitter &e, ValueRange accumulator, Value u,
                          Value s) override {
    StringRef name = lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                 : "llvm.x86.avx512.vpdpbusd.256";
    return {callIntrinsic(e, name, accumulator.front().getType(),
                          {accumulator.front(), toBytes(e, u), toBytes(e, s)})};
  }
  Value flush(Emitter &e, ValueRange accumulator) override {
    return accumulator.front();
  }
  bool accumulatesSums() const override { return true; }
  int64_t getMaxSteps() const override { return INT64_MAX; }

private:
  int64_t lanes;
};

/// vpmaddubsw adds pairs of products in i16, exactly as long as `maxSteps`
/// allows; one vpmaddwd then adds the pairs.
class MaddUBSDot : public IntegerDot {
public:
  MaddUBSDot(int64_t lanes, int64_t maxSteps)
      : lanes(lanes), maxSteps(maxSteps) {}
  SmallVector<Value> zero(Emitter &e) override {
    auto type = VectorType::get({2 * lanes}, e.getI16Type());
    return {arith::ConstantOp::create(e, cast<TypedAttr>(e.getZeroAttr(type)))};
  }
  SmallVector<Value> step(Emitter &e, ValueRange accumulator, Value u,
                          Value s) override {
    Value pairs = callIntrinsic(e, "llvm.x86.avx2.pmadd.ub.sw",
                                accumulator.front().getType(),
                                {toBytes(e, u), toBytes(e, s)});
    return {e.add(accumulator.front(), pairs)};
  }
  Value flush(Emitter &e, ValueRange accumulator) override {
    auto type = cast<VectorType>(accumulator.front().getType());
    Value ones = arith::ConstantOp::create(
        e, cast<TypedAttr>(DenseElementsAttr::get(type, APInt(16, 1))));
    return callIntrinsic(e, "llvm.x86.avx2.pmadd.wd",
                         VectorType::get({lanes}, e.getI32Type()),
                         {accumulator.front(), ones});
  }
  int64_t getMaxSteps() const override { return maxSteps; }

private:
  int64_t lanes, maxSteps;
};

/// Adjacent pairs of products in i32: the portable form, which x86 matches to
/// vpmaddwd.
class PairsDot : public IntegerDot {
public:
  explicit PairsDot(int64_t lanes) : lanes(lanes) {}
  SmallVector<Value> zero(Emitter &e) override {
    return {e.constantI32(0, 2 * lanes)};
  }
  SmallVector<Value> step(Emitter &e, ValueRange accumulator, Value u,
                          Value s) override {
    auto i32 = VectorType::get({4 * lanes}, e.getI32Type());
    auto i16 = VectorType::get({4 * lanes}, e.getI16Type());
    Value a = arith::ExtUIOp::create(e, i16, toBytes(e, u));
    Value b = arith::ExtSIOp::create(e, i16, toBytes(e, s));
    Value products = arith::MulIOp::create(e, arith::ExtSIOp::create(e, i32, a),
                                           arith::ExtSIOp::create(e, i32, b),
                                           arith::IntegerOverflowFlags::nsw);
    return {e.add(accumulator.front(), addNeighbours(e, products))};
  }
  Value flush(Emitter &e, ValueRange accumulator) override {
    return addNeighbours(e, accumulator.front());
  }
  int64_t getMaxSteps() const override { return INT64_MAX; }

private:
  static Value addNeighbours(Emitter &e, Value v) {
    SmallVector<int64_t> even, odd;
    for (int64_t i = 0; i < Emitter::getLanes(v); i += 2) {
      even.push_back(i);
      odd.push_back(i + 1);
    }
    return e.add(vector::ShuffleOp::create(e, v, v, even),
                 vector::ShuffleOp::create(e, v, v, odd));
  }
  int64_t lanes;
};

/// Steps after which sums of pairs could leave i16.
int64_t getExactSteps(int64_t largest, bool narrow) {
  return 32767 / (2 * largest * (narrow ? 127 : 128));
}

} // namespace

std::unique_ptr<IntegerDot> IntegerDot::create(DotKind kind, int64_t lanes,
                                               int64_t largest, bool narrow) {
  switch (kind) {
  case DotKind::VNNI:
    return std::make_unique<VNNIDot>(lanes);
  case DotKind::MaddUBS:
    return std::make_unique<MaddUBSDot>(lanes, getExactSteps(largest, narrow));
  case DotKind::Pairs:
    return std::make_unique<PairsDot>(lanes);
  case DotKind::None:
    break;
  }
  return nullptr;
}

bool IntegerDot::isLegal(DotKind kind, const CPUTarget &target, int64_t lanes,
                         int64_t largest, bool narrow) {
  switch (kind) {
  case DotKind::VNNI:
    return target.isX86() && target.hasFeature("avx512vnni") &&
           (lanes == 16 || (lanes == 8 && target.hasFeature("avx512vl")));
  case DotKind::MaddUBS:
    return target.isX86() && target.hasFeature("avx2") && lanes == 8 &&
           getExactSteps(largest, narrow) >= 1;
  case DotKind::Pairs:
    return true;
  case DotKind::None:
    break;
  }
  return false;
}
