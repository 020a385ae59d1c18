//===- StatisticsTest.cpp - What calibration learnt, as a file ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Statistics.h"

#include "../Support/TestFiles.h"

#include "compress/Support/Output.h"

#include "llvm/Support/FileSystem.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

static Observation makeObservation(std::vector<std::string> parameters,
                                   std::vector<float> rows, int64_t columns) {
  Observation observation{std::move(parameters), SecondMoment(columns)};
  MatrixRef matrix{rows, int64_t(rows.size()) / columns, columns};
  cantFail(observation.moment.add(matrix));
  return observation;
}

TEST(StatisticsTest, WhatIsWrittenIsRead) {
  TestFolder folder;
  StatisticsOrigin origin{"m", "d", 2, 1, 2};
  // Tokens (1, 2) and (3, -4): the mean of x x^T is ((5, -5), (-5, 10)).
  ASSERT_OK(writeStatistics(folder.getPath("s"), origin,
                            {makeObservation({"q", "k"}, {1, 2, 3, -4}, 2),
                             makeObservation({"o"}, {0.5, -2}, 1)}));
  ASSERT_VALUE(statistics, Statistics::open(folder.getPath("s")));
  EXPECT_EQ(statistics->getOrigin().model, "m");
  EXPECT_EQ(statistics->getOrigin().data, "d");
  EXPECT_EQ(statistics->getOrigin().context, 2);
  EXPECT_EQ(statistics->getOrigin().tokens, 2);
  EXPECT_EQ(statistics->getSecondMoment("q").vec(),
            (std::vector<float>{5, -5, -5, 10}));
  EXPECT_EQ(statistics->getSecondMoment("k").vec(),
            (std::vector<float>{5, -5, -5, 10}));
  EXPECT_EQ(statistics->getSecondMoment("o").vec(), std::vector<float>{2.125});
  EXPECT_TRUE(statistics->getSecondMoment("v").empty());
}

TEST(StatisticsTest, RefusesOtherFiles) {
  TestFolder folder;
  auto write = [&](const SafetensorsWriter::Metadata &metadata) {
    auto writer = cantFail(SafetensorsWriter::create(
        folder.getPath("s"), {{"w", ElementType::F32, {2, 1}}}, metadata));
    std::vector<uint8_t> bytes(8);
    cantFail(writer.append(bytes));
    cantFail(writer.commit());
  };
  SafetensorsWriter::Metadata metadata;
  write(metadata);
  EXPECT_ERROR(Statistics::open(folder.getPath("s")),
               "holds no statistics; compress-run calibrate writes them");
  metadata = {{"format", "compress-statistics"}, {"version", "7"}};
  write(metadata);
  EXPECT_ERROR(Statistics::open(folder.getPath("s")),
               "has version '7' of the format, which is not known");
  metadata["version"] = "1";
  metadata["context"] = "many";
  write(metadata);
  EXPECT_ERROR(Statistics::open(folder.getPath("s")),
               "has no number of 'context'");
  metadata["context"] = metadata["sequences"] = metadata["tokens"] = "1";
  metadata["parameters"] = "[]";
  write(metadata);
  EXPECT_ERROR(Statistics::open(folder.getPath("s")),
               "does not list its parameters");
  for (const char *parameters :
       {R"({"a": "w"})", R"({"a": "v"})", R"({"a": 1})"}) {
    metadata["parameters"] = parameters;
    write(metadata);
    EXPECT_ERROR(Statistics::open(folder.getPath("s")),
                 "has no square matrix for parameter 'a'");
  }
}

TEST(StatisticsTest, ModelsAreToldApart) {
  TestFolder folder;
  ASSERT_FALSE(llvm::sys::fs::create_directory(folder.getPath("m")));
  ASSERT_OK(writeFile(folder.getPath("m/a"), "1"));
  ASSERT_VALUE(first, hashModel(folder.getPath("m")));
  ASSERT_VALUE(same, hashModel(folder.getPath("m")));
  EXPECT_EQ(first, same);
  ASSERT_OK(writeFile(folder.getPath("m/b"), "1"));
  ASSERT_VALUE(second, hashModel(folder.getPath("m")));
  EXPECT_NE(first, second);
  ASSERT_OK(writeFile(folder.getPath("m/b"), "2"));
  ASSERT_VALUE(third, hashModel(folder.getPath("m")));
  EXPECT_NE(second, third);
  ASSERT_VALUE(file, hashModel(folder.getPath("m/a")));
  EXPECT_NE(file, third);
  EXPECT_ERROR(hashModel(folder.getPath("none")), "none");
}
