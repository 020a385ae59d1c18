//===- StageFiles.cpp - Finished blocks on disk ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StageFiles.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr StringLiteral kFormat = "compress-calibrated-stage",
                               kBoundary = "boundary-", kStage = "stage-";

Expected<StageFiles> StageFiles::open(StringRef folder, StringRef key) {
  if (std::error_code code = sys::fs::create_directories(folder))
    return makeFileError(folder, "can't be made: " + code.message());
  return StageFiles(folder, key);
}

std::string StageFiles::getStagePath(size_t stage) const {
  return (folder + "/" + kStage + Twine(stage) + ".safetensors").str();
}

std::string StageFiles::getBoundaryPath(size_t stage) const {
  return (folder + "/" + kBoundary + Twine(stage) + ".f32").str();
}

bool StageFiles::isFinished(size_t stage) const {
  Expected<SafetensorsFile> file = SafetensorsFile::open(getStagePath(stage));
  if (!file) {
    consumeError(file.takeError());
    return false;
  }
  return file->getMetadata().lookup("format") == kFormat &&
         file->getMetadata().lookup("key") == key;
}

size_t
StageFiles::countFinished(size_t stages,
                          function_ref<bool(size_t)> needsBoundary) const {
  size_t finished = 0;
  while (finished < stages && isFinished(finished))
    ++finished;
  // Only the last one's boundary is kept.
  if (finished > 0 && needsBoundary(finished - 1) &&
      !sys::fs::exists(getBoundaryPath(finished - 1)))
    return 0;
  return finished;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

static json::Object toJSON(const ParameterHistory &history, size_t components) {
  const WeightReport &report = history.report;
  json::Object object{{"algorithm", history.algorithm},
                      {"components", int64_t(components)},
                      {"tokens", history.tokens},
                      {"weight_error", report.weightError},
                      {"dead_columns", report.deadColumns}};
  if (report.outputError)
    object["output_error"] = *report.outputError;
  if (report.raisedDamping)
    object["raised_damping"] = *report.raisedDamping;
  if (!report.note.empty())
    object["note"] = report.note;
  return object;
}

static ParameterHistory fromJSON(const json::Object &object) {
  ParameterHistory history;
  history.algorithm = object.getString("algorithm").value_or("").str();
  history.tokens = object.getInteger("tokens").value_or(0);
  history.report.weightError = object.getNumber("weight_error").value_or(0);
  history.report.deadColumns = object.getInteger("dead_columns").value_or(0);
  history.report.outputError = object.getNumber("output_error");
  history.report.raisedDamping = object.getNumber("raised_damping");
  history.report.note = object.getString("note").value_or("").str();
  return history;
}

static std::string getKey(StringRef symbol, size_t component) {
  return (symbol + "." + Twine(component)).str();
}

Error StageFiles::write(size_t stage,
                        ArrayRef<CalibratedParameter> parameters) const {
  std::vector<SafetensorsWriter::Declaration> declarations;
  json::Object histories;
  for (const CalibratedParameter &parameter : parameters) {
    histories[parameter.symbol] =
        toJSON(parameter.history, parameter.components.size());
    for (auto [index, component] : enumerate(parameter.components))
      declarations.push_back({getKey(parameter.symbol, index),
                              ElementType::U8,
                              {int64_t(component.size())}});
  }
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(histories));
  Expected<SafetensorsWriter> writer = SafetensorsWriter::create(
      getStagePath(stage), declarations,
      {{"format", kFormat.str()}, {"key", key}, {"history", text}});
  if (!writer)
    return writer.takeError();
  for (const CalibratedParameter &parameter : parameters)
    for (const ComponentData &component : parameter.components)
      if (Error error = writer->append(component))
        return error;
  return writer->commit();
}

Error StageFiles::read(
    size_t stage,
    function_ref<Error(StringRef, ParameterHistory,
                       std::function<Expected<SmallVector<ComponentData>>()>)>
        add) const {
  Expected<SafetensorsFile> opened = SafetensorsFile::open(getStagePath(stage));
  if (!opened)
    return opened.takeError();
  auto file = std::make_shared<SafetensorsFile>(std::move(*opened));
  Expected<json::Value> histories =
      parseJSON(file->getMetadata().lookup("history"), file->getPath());
  if (!histories)
    return histories.takeError();
  if (const json::Object *object = histories->getAsObject())
    for (const auto &[symbol, value] : *object) {
      const json::Object *fields = value.getAsObject();
      int64_t count =
          fields ? fields->getInteger("components").value_or(-1) : -1;
      std::vector<const SafetensorsTensor *> tensors;
      for (int64_t i = 0; i < count; ++i)
        tensors.push_back(file->find(getKey(symbol.str(), i)));
      if (count < 1 || is_contained(tensors, nullptr))
        return makeFileError(file->getPath(),
                             "lacks components of '" + symbol.str() +
                                 "'; remove the folder and calibrate again");
      auto load = [file, tensors]() -> Expected<SmallVector<ComponentData>> {
        SmallVector<ComponentData> components;
        for (const SafetensorsTensor *tensor : tensors)
          components.emplace_back(tensor->data.begin(), tensor->data.end());
        return components;
      };
      if (Error error = add(symbol.str(), fromJSON(*fields), std::move(load)))
        return error;
    }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The folder
//===----------------------------------------------------------------------===//

void StageFiles::removeBoundary(size_t stage) const {
  // What can't be removed is only a file too many.
  (void)sys::fs::remove(getBoundaryPath(stage));
}

void StageFiles::remove(StringRef folder) {
  std::error_code code;
  std::vector<std::string> ours;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code)) {
    StringRef name = sys::path::filename(it->path());
    if (name.starts_with(kStage) || name.starts_with(kBoundary))
      ours.push_back(it->path());
  }
  for (const std::string &file : ours)
    (void)sys::fs::remove(file);
  (void)sys::fs::remove(folder);
}
