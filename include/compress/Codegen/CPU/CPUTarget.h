//===- CPUTarget.h - What a CPU can do --------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_CPUTARGET_H
#define COMPRESS_CODEGEN_CPU_CPUTARGET_H

#include "compress/Codegen/Common/EncodedOperand.h"

#include "llvm/Support/Error.h"

namespace mlir::compress {

/// The processor that code is generated for, as far as the generator looks.
struct CPUTarget {
  std::string triple;
  /// LLVM's name of the processor, e.g. `x86-64-v3`.
  std::string cpu;
  /// All features, as LLVM spells them, without a sign; sorted.
  std::vector<std::string> features;

  bool hasFeature(llvm::StringRef name) const;
  bool isX86() const;
  /// f32 lanes of a vector register.
  int64_t getLanes() const;
  /// Vector registers.
  int64_t getRegisters() const;

  /// `native` is this machine. Otherwise a processor's name, to which features
  /// are added after plus signs: `x86-64-v4+avx512vnni`. Errors name what is
  /// not known and give examples.
  static llvm::Expected<CPUTarget> parse(llvm::StringRef text);
};

/// The instructions that the generator asks for by name.
class CPUEmitter : public TargetEmitter {
public:
  explicit CPUEmitter(const CPUTarget &target) : target(target) {}
  const CPUTarget &getTarget() const { return target; }

  /// A permutation of the table in registers where it fits, else a gather.
  Value lookup(Emitter &e, Value table, int64_t entries, Value index) override;
  /// A byte shuffle within each 16 bytes of a register.
  Value pickBytes(Emitter &e, Value source, Value index) override;

private:
  const CPUTarget &target;
};

/// Sums of products of unsigned and signed bytes, four a lane: an opaque
/// accumulator and three operations, so that every instruction set can keep it
/// in the form that suits it.
class IntegerDot {
public:
  virtual ~IntegerDot();
  /// Type of the accumulator's parts; all start at zero.
  virtual SmallVector<Value> zero(Emitter &e) = 0;
  /// Adds the products of four unsigned bytes with four signed bytes per lane,
  /// both given as i32 words.
  virtual SmallVector<Value> step(Emitter &e, ValueRange accumulator, Value u,
                                  Value s) = 0;
  /// The sums, one i32 per lane.
  virtual Value flush(Emitter &e, ValueRange accumulator) = 0;
  /// Whether an accumulator is the sums already, which can go on being added
  /// to: it begins with any sums and is never flushed.
  virtual bool accumulatesSums() const { return false; }
  /// Steps until the accumulator must be flushed.
  virtual int64_t getMaxSteps() const = 0;

  /// `largest` bounds the unsigned bytes; signed ones are within +-128, or
  /// +-127 where `narrow`.
  static std::unique_ptr<IntegerDot> create(DotKind kind, int64_t lanes,
                                            int64_t largest, bool narrow);
  /// Whether `kind` is exact for such bytes and exists on `target`.
  static bool isLegal(DotKind kind, const CPUTarget &target, int64_t lanes,
                      int64_t largest, bool narrow);
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_CPUTARGET_H
