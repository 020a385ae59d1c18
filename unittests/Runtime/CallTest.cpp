//===- CallTest.cpp - Tests of calls on arrays ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Call.h"

#include <cstring>

using namespace llvm;
using namespace mlir::compress;

static NpyArray makeArray(ArrayRef<float> values) {
  NpyArray array;
  array.shape = {static_cast<int64_t>(values.size())};
  array.data.resize(values.size() * sizeof(float));
  if (!values.empty())
    std::memcpy(array.data.data(), values.data(), array.data.size());
  return array;
}

namespace {

class CallTest : public testing::Test {
protected:
  Expected<std::vector<NpyArray>>
  call(StringRef name, ArrayRef<NpyArray> arguments,
       ArrayRef<SmallVector<int64_t>> shapes = {}) {
    return callWithArrays(executor, *cantFail(program->find(name)), arguments,
                          shapes);
  }

  std::unique_ptr<Program> program = makeToyProgram();
  Executor executor{*program, 2};
};

TEST_F(CallTest, ComputesResults) {
  std::vector<NpyArray> results =
      cantFail(call("add", {makeArray({1, 2, 3}), makeArray({10, 20, 30})}));
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].shape, SmallVector<int64_t>({3}));
  EXPECT_EQ(results[0].data, makeArray({11, 22, 33}).data);
}

TEST_F(CallTest, EmptyArraysAreArrays) {
  std::vector<NpyArray> results =
      cantFail(call("add", {makeArray({}), makeArray({})}));
  EXPECT_EQ(results[0].shape, SmallVector<int64_t>({0}));
}

TEST_F(CallTest, ArgumentsAreChecked) {
  NpyArray three = makeArray({1, 2, 3}), two = makeArray({1, 2});
  EXPECT_CONTAINS(getMessage(call("add", {three})), "takes 2 arguments, 1");
  EXPECT_CONTAINS(getMessage(call("add", {three, two})),
                  "argument 1 (b): size 0 is 2, expected 3");
  NpyArray integers = two;
  integers.type = ElementType::I32;
  EXPECT_CONTAINS(getMessage(call("add", {two, integers})),
                  "argument 1 (b) has elements f32, the array has i32");
  NpyArray matrix = two;
  matrix.shape = {1, 2};
  EXPECT_CONTAINS(
      getMessage(call("add", {matrix, two})),
      "argument 0 (a) has 1 dimensions, the array has shape [1, 2]");
  EXPECT_CONTAINS(getMessage(call("add", {two, two}, {{2, 1}})),
                  "result 0 (sum) has 1 dimensions, the shape given is [2, 1]");
  EXPECT_CONTAINS(getMessage(call("add", {two, two}, {{3}})),
                  "result 0 (sum): size 0 is 3, expected 2");
  EXPECT_CONTAINS(getMessage(call("add", {two, two}, {{2}, {2}})),
                  "2 shapes are given");
  EXPECT_CONTAINS(getMessage(program->find("nope")), "it has add, step");
}

TEST_F(CallTest, CachesAreNoArrays) {
  NpyArray array = makeArray({1});
  array.type = ElementType::I32;
  EXPECT_CONTAINS(getMessage(call("step", {array, array, array, array, array})),
                  "argument 4 (cache) is a cache, which is no array");
}

TEST_F(CallTest, UnknownSizesMustBeGiven) {
  ProgramParts parts;
  parts.manifest = getToyManifest();
  parts.manifest.functions[0].results[0].shape = {{-1, ""}};
  for (const ProgramFunction &function : program->getFunctions())
    parts.code.emplace_back(function.code, function.workspace);
  parts.parameters.resize(2);
  std::unique_ptr<Program> other = cantFail(Program::create(std::move(parts)));
  Executor otherExecutor(*other, 1);
  NpyArray two = makeArray({1, 2});
  auto callOther = [&](ArrayRef<SmallVector<int64_t>> shapes) {
    return callWithArrays(otherExecutor, other->getFunctions()[0], {two, two},
                          shapes);
  };
  EXPECT_CONTAINS(getMessage(callOther({})),
                  "size 0 does not follow from the arguments");
  EXPECT_EQ(cantFail(callOther({{2}}))[0].data, makeArray({2, 4}).data);
  EXPECT_CONTAINS(getMessage(callOther({{int64_t(1) << 62}})), "is too large");
}

TEST_F(CallTest, MemoryThatThereIsNotIsAnError) {
  EXPECT_CONTAINS(getMessage(AlignedBuffer::create(int64_t(1) << 60, "a test")),
                  "cannot allocate 1152921504606846976 bytes for a test");
  ProgramParts parts;
  parts.manifest = getToyManifest();
  CompressWorkspace negative = [](const CompressTensor *, int64_t) {
    return int64_t(-8);
  };
  for (const ProgramFunction &function : program->getFunctions())
    parts.code.emplace_back(function.code, negative);
  parts.parameters.resize(2);
  std::unique_ptr<Program> other = cantFail(Program::create(std::move(parts)));
  Executor otherExecutor(*other, 1);
  NpyArray two = makeArray({1, 2});
  EXPECT_CONTAINS(getMessage(callWithArrays(
                      otherExecutor, other->getFunctions()[0], {two, two})),
                  "asks for a workspace of -8 bytes");
}

TEST_F(CallTest, TensorsAreCheckedBeforeTheCall) {
  alignas(64) float data[32] = {};
  const FunctionSignature &add = program->getFunctions()[0].signature;
  CompressTensor good = {data, {4}}, shifted = {data + 1, {4}},
                 negative = {data, {-1}}, missing = {nullptr, {4}};
  EXPECT_FALSE(!!verifyCall(add, {good, good, good}));
  EXPECT_CONTAINS(getMessage(verifyCall(add, {good, good})),
                  "3 arguments and results, 2 are given");
  EXPECT_CONTAINS(getMessage(verifyCall(add, {good, shifted, good})),
                  "argument 1 (b): its data is not aligned");
  EXPECT_CONTAINS(getMessage(verifyCall(add, {good, good, missing})),
                  "result 0 (sum): its data is not aligned");
  EXPECT_CONTAINS(getMessage(verifyCall(add, {negative, good, good})),
                  "size 0 is -1, expected a count");
  const FunctionSignature &step = program->getFunctions()[1].signature;
  CompressTensor noCache = {nullptr, {}}, logits = {data, {0, 32}};
  EXPECT_CONTAINS(getMessage(verifyCall(
                      step, {good, good, good, {data, {0}}, noCache, logits})),
                  "is a cache, but none is given");
}

} // namespace
