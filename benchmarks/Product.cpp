//===- Product.cpp - A compiled product of one matrix ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "compress/Compiler/Schemes.h"
#include "compress/Encoding/IntegerProduct.h"
#include "compress/JIT/JIT.h"
#include "compress/Support/Error.h"
#include "compress/Transforms/ApplyScheme.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::benchmark;

Product::Product(CPUTarget target)
    : target(std::move(target)), context(MLIRContext::Threading::DISABLED) {
  DialectRegistry registry;
  registerCodegenDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

/// int8 where the product is one of integers then: what
/// `--activations=int8` asks for, in blocks that divide the weights' own.
Error Product::chooseActivations(StringRef weights) {
  if (weights.empty())
    return Error::success();
  Expected<EncodingSpec> wanted = parseEncoding(getInt8Activations());
  if (!wanted)
    return wanted.takeError();
  Expected<EncodingSpec> stored = parseEncoding(weights);
  if (!stored)
    return stored.takeError();
  if (!getIntegerSegment({*wanted, 1, 2}, {*stored, 1, 2}, k))
    return Error::success();
  activations = getInt8Activations().str();
  activationSpec = std::move(*wanted);
  return Error::success();
}

Error Product::parse(StringRef weights) {
  if (Error error = chooseActivations(weights))
    return error;
  auto tensor = [&](const Twine &rows, StringRef attribute) {
    return ("tensor<" + rows + "x" + Twine(k) + "xf32" +
            (attribute.empty() ? "" : ", ") + attribute + ">")
        .str();
  };
  std::string w = tensor(Twine(n), weights), x = tensor("?", ""),
              a = tensor("?", activations);
  std::string y = "tensor<?x" + std::to_string(n) + "xf32>";
  std::string text =
      "ml_program.global private @w(#compress.parameter<\"m\", \"w\">) : " + w +
      "\nfunc.func @f(%x: " + x + ") -> " + y + " {\n" +
      "  %c0 = arith.constant 0 : index\n  %zero = arith.constant 0.0 : f32\n" +
      "  %m = tensor.dim %x, %c0 : " + x +
      "\n  %w = ml_program.global_load_const @w : " + w + "\n" +
      (activations.empty()
           ? std::string()
           : "  %a = compress.encode %x : " + x + " to " + a + "\n") +
      "  %e = tensor.empty(%m) : " + y +
      "\n  %i = linalg.fill ins(%zero : f32) outs(%e : " + y + ") -> " + y +
      "\n  %y = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>,"
      " affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]"
      " ins(" +
      (activations.empty() ? "%x" : "%a") + ", %w : " + a + ", " + w +
      ") outs(%i : " + y + ") -> " + y + "\n  return %y : " + y + "\n}\n";
  module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return makeError("the product's module does not parse");
  PassManager pm(&context);
  pm.addPass(createVerifyEncodings());
  pm.addPass(createAssignLayouts());
  if (failed(pm.run(*module)))
    return makeError("the weights' layout can't be assigned");
  auto global = *module->getOps<ml_program::GlobalOp>().begin();
  encoding = compress::getEncoding(global.getType());
  return Error::success();
}

/// The share of blocks that are stored.
static constexpr double kStoredShare = 0.5;

/// Numbers as weights have them; every second block of `block` is zero.
static std::vector<float> drawValues(int64_t rows, int64_t columns,
                                     ArrayRef<int64_t> block) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(rows * columns);
  for (int64_t i = 0; i < rows * columns; ++i) {
    values[i] = normal(random);
    if (!block.empty() &&
        (i / columns / block[0] + i % columns / block[1]) % 2 == 1)
      values[i] = 0;
  }
  return values;
}

Error Product::draw() {
  EncodingSpec spec = encoding.getSpec();
  ArrayRef<int64_t> block;
  if (spec.kind == EncodingSpec::Kind::Block)
    block = spec.block;
  std::vector<float> values = drawValues(kDrawnRows, k, block);
  Expected<SmallVector<ComponentData>> components =
      encode(spec, {kDrawnRows, k}, values);
  if (!components)
    return components.takeError();
  drawn = std::move(*components);
  SmallVector<ArrayRef<uint8_t>> parts(drawn.begin(), drawn.end());
  decoded.resize(values.size());
  return decode(spec, {kDrawnRows, k}, parts, decoded);
}

/// Repeats `source` until `target` is full.
static void repeat(ArrayRef<uint8_t> source, MutableArrayRef<uint8_t> target) {
  for (size_t at = 0; at < target.size(); at += source.size())
    std::memcpy(target.data() + at, source.data(),
                std::min(source.size(), target.size() - at));
}

/// Offsets of rows of blocks: each repetition goes on where the last one ended.
static void repeatOffsets(ArrayRef<uint8_t> source,
                          MutableArrayRef<uint8_t> target) {
  auto read = [&](size_t i) {
    int32_t value;
    std::memcpy(&value, source.data() + 4 * i, 4);
    return value;
  };
  size_t rows = source.size() / 4 - 1;
  for (size_t i = 0; i < target.size() / 4; ++i) {
    auto value = static_cast<int32_t>(i / rows * read(rows) + read(i % rows));
    std::memcpy(target.data() + 4 * i, &value, 4);
  }
}

/// The bytes of one component of all rows.
Expected<AlignedBuffer> Product::fill(StringRef component) {
  EncodingSpec spec = encoding.getSpec();
  SmallVector<ComponentSpec> specs = getComponents(spec, {kDrawnRows, k});
  SmallVector<ComponentLayout> few = encoding.getLayouts({kDrawnRows, k});
  SmallVector<ComponentLayout> all = encoding.getLayouts({n, k});
  const auto *found = llvm::find_if(
      few, [&](const ComponentLayout &l) { return l.name == component; });
  if (found == few.end())
    return makeError("no component '" + component + "'");
  ArrayRef<uint8_t> source = drawn[found->source];
  std::vector<uint8_t> laidOut;
  bool isOffset = spec.kind == EncodingSpec::Kind::Block &&
                  specs[found->source].name == "offset";
  if (encoding.isLaidOut()) {
    const ComponentSpec &canonical = specs[found->source];
    laidOut.resize(found->getStored(canonical, source.size()).getBytes());
    applyLayout(canonical, *found, source, laidOut);
    source = laidOut;
  }
  int64_t size = all[found - few.begin()].getBytes();
  if (size < 0) // as many more blocks as rows
    size = static_cast<int64_t>(source.size()) * (n / kDrawnRows);
  Expected<AlignedBuffer> buffer = AlignedBuffer::create(size, "weights");
  if (!buffer)
    return buffer;
  MutableArrayRef<uint8_t> target(buffer->get<uint8_t>(), size);
  if (isOffset)
    repeatOffsets(source, target);
  else
    repeat(source, target);
  bytes += size;
  return buffer;
}

Error Product::load(const CompiledCode &code) {
  ProgramParts parts;
  for (const ParameterEntry &entry : code.parameters) {
    Expected<AlignedBuffer> buffer = fill(entry.component);
    if (!buffer)
      return buffer.takeError();
    auto owner = std::make_shared<AlignedBuffer>(std::move(*buffer));
    parts.parameters.push_back({owner->get(), owner->size(), 1});
    parts.owners.push_back(std::move(owner));
  }
  Expected<std::unique_ptr<Program>> loaded = loadCode(code, std::move(parts));
  if (!loaded)
    return loaded.takeError();
  program = std::move(*loaded);
  executor = std::make_unique<Executor>(*program, /*threads=*/1);
  return Error::success();
}

Expected<std::unique_ptr<Product>> Product::create(StringRef weights, int64_t n,
                                                   int64_t k) {
  if (n <= 0 || k <= 0 || n % kDrawnRows != 0)
    return makeError("n = " + Twine(n) + " and k = " + Twine(k) +
                     ": expected positive sizes, n a multiple of " +
                     Twine(kDrawnRows));
  Expected<CPUTarget> target = CPUTarget::parse("native");
  if (!target)
    return target.takeError();
  std::unique_ptr<Product> product(new Product(std::move(*target)));
  product->n = n;
  product->k = k;
  if (Error error = product->parse(weights))
    return std::move(error);
  if (Error error = product->draw())
    return std::move(error);
  // What does not pay is measured too.
  CodegenOptions options;
  options.allowSlower = true;
  Expected<CompiledCode> code =
      compileToObject(*product->module, product->target, options);
  if (!code)
    return code.takeError();
  if (Error error = product->load(*code))
    return std::move(error);
  return product;
}

Error Product::setRows(int64_t rows) {
  m = rows;
  x = drawValues(m, k, {});
  for (auto [buffer, columns] : {std::pair(&input, k), {&output, n}}) {
    Expected<AlignedBuffer> memory =
        AlignedBuffer::create(m * columns * sizeof(float), "activations");
    if (!memory)
      return memory.takeError();
    *buffer = std::move(*memory);
  }
  llvm::copy(x, input.get<float>());
  return Error::success();
}

Error Product::call() {
  CompressTensor tensors[] = {{input.get(), {m, k}}, {output.get(), {m, n}}};
  return executor->call(program->getFunctions().front(), tensors);
}

Error Product::check() const {
  std::vector<float> values = x;
  if (activationSpec) {
    Expected<SmallVector<ComponentData>> codes =
        encode(*activationSpec, {m, k}, x);
    if (!codes)
      return codes.takeError();
    SmallVector<ArrayRef<uint8_t>> parts(codes->begin(), codes->end());
    if (Error error = decode(*activationSpec, {m, k}, parts, values))
      return error;
  }
  // A sum of k terms in f32 is off by no more than k / 2^24 of the sum of
  // their magnitudes, and the steps around it by a few more.
  double tolerance = std::ldexp(static_cast<double>(k) + 16, -24);
  for (int64_t row = 0; row < m; ++row)
    for (int64_t column = 0; column < n; column += n > 4096 ? 61 : 1) {
      const float *w = decoded.data() + column % kDrawnRows * k;
      double sum = 0, magnitude = 0;
      for (int64_t i = 0; i < k; ++i) {
        double term = double(values[row * k + i]) * w[i];
        sum += term;
        magnitude += std::fabs(term);
      }
      double result = output.get<float>()[row * n + column];
      if (!(std::fabs(result - sum) <= tolerance * magnitude))
        return makeError("row " + Twine(row) + ", column " + Twine(column) +
                         " is " + std::to_string(result) + ", not " +
                         std::to_string(sum));
    }
  return Error::success();
}

Expected<CallCost> Product::predict(const MachineModel &machine,
                                    Resource level) {
  KernelSizes sizes;
  sizes.rows = m;
  sizes.storedShare = kStoredShare;
  return predictCall(*module, "f", target, machine, sizes, level);
}
