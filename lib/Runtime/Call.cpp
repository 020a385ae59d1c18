//===- Call.cpp - Calls functions on arrays -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Call.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

#include <cstring>

using namespace llvm;
using namespace mlir::compress;

/// `function 'f', argument 0 (x)`, for messages.
static std::string describe(const FunctionSignature &function, StringRef role,
                            size_t index, const ValueSignature &value) {
  std::string name = value.name.empty() ? "" : " (" + value.name + ")";
  return ("function '" + function.name + "', " + role + " " + Twine(index) +
          name)
      .str();
}

Error mlir::compress::verifyArguments(const FunctionSignature &signature,
                                      ArrayRef<NpyArray> arguments) {
  if (arguments.size() != signature.arguments.size())
    return makeError("function '" + signature.name + "' takes " +
                     Twine(signature.arguments.size()) + " arguments, " +
                     Twine(arguments.size()) + " are given");
  for (size_t i = 0; i < arguments.size(); ++i) {
    const ValueSignature &value = signature.arguments[i];
    std::string name = describe(signature, "argument", i, value);
    if (value.isCache)
      return makeError(name + " is a cache, which is no array; call a function "
                              "without one");
    if (arguments[i].type != value.element)
      return makeError(name + " has elements " + str(value.element) +
                       ", the array has " + str(arguments[i].type));
    if (arguments[i].shape.size() != value.shape.size())
      return makeError(name + " has " + Twine(value.shape.size()) +
                       " dimensions, the array has shape " +
                       strShape(arguments[i].shape));
  }
  return Error::success();
}

/// The size of each symbol of the arguments' shapes.
static StringMap<int64_t> bindSymbols(const FunctionSignature &signature,
                                      ArrayRef<NpyArray> arguments) {
  StringMap<int64_t> symbols;
  for (auto [value, array] : zip_equal(signature.arguments, arguments))
    for (auto [dimension, size] : zip_equal(value.shape, array.shape))
      if (!dimension.symbol.empty())
        symbols.try_emplace(dimension.symbol, size);
  return symbols;
}

static Expected<SmallVector<int64_t>>
resolveShape(const Twine &name, const ValueSignature &value,
             ArrayRef<int64_t> given, const StringMap<int64_t> &symbols) {
  if (!given.empty()) {
    if (given.size() == value.shape.size())
      return SmallVector<int64_t>(given);
    return makeError(name + " has " + Twine(value.shape.size()) +
                     " dimensions, the shape given is " + strShape(given));
  }
  SmallVector<int64_t> shape;
  for (auto [index, dimension] : enumerate(value.shape)) {
    auto symbol = symbols.find(dimension.symbol);
    if (dimension.isStatic())
      shape.push_back(dimension.size);
    else if (!dimension.symbol.empty() && symbol != symbols.end())
      shape.push_back(symbol->second);
    else
      return makeError(name + ": size " + Twine(index) +
                       " does not follow from the arguments; give the "
                       "result's shape (--result-shape)");
  }
  return shape;
}

Error ArrayCall::addTensor(ArrayRef<int64_t> shape, int64_t bytes,
                           StringRef what) {
  Expected<AlignedBuffer> buffer =
      AlignedBuffer::create(std::max<int64_t>(bytes, 1), what);
  if (!buffer)
    return buffer.takeError();
  CompressTensor tensor = {buffer->get<void>(), {}};
  llvm::copy(shape, tensor.sizes);
  tensors.push_back(tensor);
  buffers.push_back(std::move(*buffer));
  shapes.emplace_back(shape);
  return Error::success();
}

Expected<ArrayCall>
ArrayCall::create(const ProgramFunction &function, ArrayRef<NpyArray> arguments,
                  ArrayRef<SmallVector<int64_t>> resultShapes) {
  const FunctionSignature &signature = function.signature;
  if (Error error = verifyArguments(signature, arguments))
    return error;
  if (resultShapes.size() > signature.results.size())
    return makeError("function '" + signature.name + "' has " +
                     Twine(signature.results.size()) + " results, " +
                     Twine(resultShapes.size()) + " shapes are given");
  ArrayCall call(function);
  for (const NpyArray &argument : arguments) {
    if (Error error =
            call.addTensor(argument.shape, argument.data.size(), "an argument"))
      return error;
    if (!argument.data.empty())
      std::memcpy(call.buffers.back().get(), argument.data.data(),
                  argument.data.size());
  }
  StringMap<int64_t> symbols = bindSymbols(signature, arguments);
  for (auto [index, value] : enumerate(signature.results)) {
    std::string name = describe(signature, "result", index, value);
    ArrayRef<int64_t> given;
    if (index < resultShapes.size())
      given = resultShapes[index];
    Expected<SmallVector<int64_t>> shape =
        resolveShape(name, value, given, symbols);
    if (!shape)
      return shape.takeError();
    std::optional<int64_t> bytes = countBytes(value.element, *shape);
    if (!bytes)
      return makeError(name + ": the shape " + strShape(*shape) +
                       " is too large");
    if (Error error = call.addTensor(*shape, *bytes, "a result"))
      return error;
  }
  return call;
}

Error ArrayCall::run(Executor &executor) {
  return executor.call(*function, tensors);
}

std::vector<NpyArray> ArrayCall::getResults() const {
  std::vector<NpyArray> results;
  size_t place = function->signature.arguments.size();
  for (const ValueSignature &value : function->signature.results) {
    std::vector<uint8_t> data(*countBytes(value.element, shapes[place]));
    if (!data.empty())
      std::memcpy(data.data(), buffers[place].get(), data.size());
    results.push_back({value.element, shapes[place], std::move(data)});
    ++place;
  }
  return results;
}

Expected<std::vector<NpyArray>> mlir::compress::callWithArrays(
    Executor &executor, const ProgramFunction &function,
    ArrayRef<NpyArray> arguments, ArrayRef<SmallVector<int64_t>> resultShapes) {
  Expected<ArrayCall> call =
      ArrayCall::create(function, arguments, resultShapes);
  if (!call)
    return call.takeError();
  if (Error error = call->run(executor))
    return error;
  return call->getResults();
}
