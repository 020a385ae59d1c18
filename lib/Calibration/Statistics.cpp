//===- Statistics.cpp - What calibration learnt, as a file ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Statistics.h"

#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/JSON.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr StringLiteral kFormat = "compress-statistics", kVersion = "1",
                               kMoment = ".second_moment";

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// The mean over tokens, in f32.
static std::vector<float> getMeans(const SecondMoment &moment) {
  std::vector<double> sums = moment.getHessian(SecondMoment::Form::Sum);
  double scale = moment.getTokens() ? 0.5 / moment.getTokens() : 0;
  std::vector<float> means(sums.size());
  for (auto [mean, sum] : zip_equal(means, sums))
    mean = static_cast<float>(sum * scale);
  return means;
}

Error mlir::compress::writeStatistics(StringRef path,
                                      const StatisticsOrigin &origin,
                                      ArrayRef<Observation> observations) {
  std::vector<SafetensorsWriter::Declaration> declarations;
  json::Object parameters;
  for (const Observation &observation : observations) {
    int64_t columns = observation.moment.getColumns();
    std::string name = observation.parameters.front() + kMoment.str();
    for (const std::string &parameter : observation.parameters)
      parameters[parameter] = name;
    declarations.push_back({name, ElementType::F32, {columns, columns}});
  }
  std::string names;
  raw_string_ostream(names) << json::Value(std::move(parameters));
  SafetensorsWriter::Metadata metadata = {
      {"format", kFormat.str()},
      {"version", kVersion.str()},
      {"model", origin.model},
      {"data", origin.data},
      {"context", std::to_string(origin.context)},
      {"sequences", std::to_string(origin.sequences)},
      {"tokens", std::to_string(origin.tokens)},
      {"parameters", names}};
  Expected<SafetensorsWriter> writer =
      SafetensorsWriter::create(path, declarations, metadata);
  if (!writer)
    return writer.takeError();
  for (const Observation &observation : observations) {
    std::vector<float> means = getMeans(observation.moment);
    ArrayRef<uint8_t> bytes(reinterpret_cast<const uint8_t *>(means.data()),
                            means.size() * sizeof(float));
    if (Error error = writer->append(bytes))
      return error;
  }
  return writer->commit();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Expected<std::unique_ptr<Statistics>> Statistics::open(StringRef path) {
  Expected<SafetensorsFile> file = SafetensorsFile::open(path);
  if (!file)
    return file.takeError();
  std::unique_ptr<Statistics> statistics(new Statistics(std::move(*file)));
  if (Error error = statistics->parse())
    return std::move(error);
  return statistics;
}

Error Statistics::parse() {
  const StringMap<std::string> &metadata = file.getMetadata();
  if (metadata.lookup("format") != kFormat)
    return makeFileError(getPath(), "holds no statistics; compress-run "
                                    "calibrate writes them");
  if (metadata.lookup("version") != kVersion)
    return makeFileError(getPath(), "has version '" +
                                        metadata.lookup("version") +
                                        "' of the format, which is not known; "
                                        "calibrate again");
  origin.model = metadata.lookup("model");
  origin.data = metadata.lookup("data");
  for (auto [name, value] : {std::pair("context", &origin.context),
                             std::pair("sequences", &origin.sequences),
                             std::pair("tokens", &origin.tokens)})
    if (StringRef(metadata.lookup(name)).getAsInteger(10, *value))
      return makeFileError(getPath(), Twine("has no number of '") + name + "'");
  Expected<json::Value> names =
      parseJSON(metadata.lookup("parameters"), getPath());
  if (!names)
    return names.takeError();
  const json::Object *parameters = names->getAsObject();
  if (!parameters)
    return makeFileError(getPath(), "does not list its parameters");
  for (const auto &[parameter, value] : *parameters) {
    std::optional<StringRef> name = value.getAsString();
    const SafetensorsTensor *tensor = name ? file.find(*name) : nullptr;
    if (!tensor || tensor->type != ElementType::F32 ||
        tensor->shape.size() != 2 || tensor->shape[0] != tensor->shape[1])
      return makeFileError(getPath(), "has no square matrix for parameter '" +
                                          parameter.str() + "'");
    moments[parameter.str()] = tensor;
  }
  return Error::success();
}

ArrayRef<float> Statistics::getSecondMoment(StringRef parameter) const {
  const SafetensorsTensor *tensor = moments.lookup(parameter);
  if (!tensor)
    return {};
  return ArrayRef(reinterpret_cast<const float *>(tensor->data.data()),
                  tensor->data.size() / sizeof(float));
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

static Expected<std::string> hashFile(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  return sha256(arrayRefFromStringRef(file->getText()));
}

Expected<std::string> mlir::compress::hashModel(StringRef path) {
  if (!sys::fs::is_directory(path))
    return hashFile(path);
  std::vector<std::string> files;
  std::error_code code;
  for (sys::fs::directory_iterator it(path, code), end; it != end && !code;
       it.increment(code))
    if (!sys::fs::is_directory(it->path()))
      files.push_back(it->path());
  if (code)
    return makeFileError(path, "can't be read: " + code.message());
  llvm::sort(files);
  std::string list;
  for (const std::string &file : files) {
    Expected<std::string> hash = hashFile(file);
    if (!hash)
      return hash.takeError();
    list += sys::path::filename(file).str() + " " + *hash + "\n";
  }
  return sha256(arrayRefFromStringRef(list));
}
