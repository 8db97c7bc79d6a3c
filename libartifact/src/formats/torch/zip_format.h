#pragma once

#include <cstdint>

/// Numbers of the zip format (APPNOTE 6.3.10) that the reader and the writer share.
namespace golf::zip {

inline constexpr uint32_t kLocalHeader = 0x04034b50;
inline constexpr uint32_t kDataDescriptor = 0x08074b50;
inline constexpr uint32_t kDirectoryRow = 0x02014b50;
inline constexpr uint32_t kEndRecord = 0x06054b50;
inline constexpr uint32_t kZip64EndRecord = 0x06064b50;
inline constexpr uint32_t kZip64Locator = 0x07064b50;

inline constexpr uint64_t kLocalHeaderBytes = 30;
inline constexpr uint64_t kDirectoryRowBytes = 46;
inline constexpr uint64_t kEndRecordBytes = 22;
inline constexpr uint64_t kZip64EndRecordBytes = 56;
inline constexpr uint64_t kZip64LocatorBytes = 20;

inline constexpr uint16_t kFlagDeflateLevel = 0x0006;  // two bits about speed, of no consequence
inline constexpr uint16_t kFlagDescriptor = 0x0008;    // sizes and CRC follow the data
inline constexpr uint16_t kFlagUtf8 = 0x0800;

inline constexpr uint16_t kStored = 0;
inline constexpr uint16_t kDeflated = 8;

inline constexpr uint16_t kZip64Extra = 0x0001;
inline constexpr uint32_t kIn64 = 0xffffffff;  // the value stands in the zip64 field instead
inline constexpr uint16_t kIn64Short = 0xffff;

}  // namespace golf::zip
