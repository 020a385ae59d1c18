//===- Bad.h - A header with another's guard --------------------*- C++ -*-===//
#ifndef COMPRESS_OTHER_H
#define COMPRESS_OTHER_H
#endif
