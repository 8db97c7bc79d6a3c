#pragma once

#include <gtest/gtest.h>

#include <string>

#include "golf/artifact/base/error.h"

/// The statement throws golf::Error with that code and a message that contains `part`.
#define EXPECT_GOLF_ERROR(statement, expected_code, part)                                         \
  do {                                                                                            \
    try {                                                                                         \
      statement;                                                                                  \
      ADD_FAILURE() << #statement " did not throw";                                               \
    } catch (const golf::Error& error) {                                                          \
      EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(expected_code)) << error.what(); \
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)                          \
          << "message: " << error.what() << "\nlacks:   " << (part);                              \
    }                                                                                             \
  } while (false)
