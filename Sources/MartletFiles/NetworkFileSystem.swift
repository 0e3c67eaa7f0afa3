// Which file systems keep no promises about locks and syncs: the store refuses them.

import CLinux

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum NetworkFileSystem {
  /// The name of the network (or user-space) file system that holds `path`, or `nil` for a local one.
  public static func name(at path: String) throws -> String? {
    var type: UInt64 = 0
    try check("look at", path) { martlet_file_system_type(path, &type) }
    return names[type]
  }

  /// By the magic numbers of statfs(2) and linux/magic.h.
  static let names: [UInt64: String] = [
    0x0000_6969: "NFS", 0x0000_517b: "SMB", 0xfe53_4d42: "SMB", 0xff53_4d42: "CIFS", 0x0102_1997: "9p", 0x6573_5546: "FUSE",
    0x00c3_6400: "Ceph", 0x5346_414f: "AFS", 0x6b41_4653: "AFS", 0x7375_7245: "Coda", 0x0000_564c: "NCP", 0x0bd0_0bd0: "Lustre",
    0x4750_4653: "GPFS", 0x7461_636f: "OCFS2", 0x0116_1970: "GFS2", 0xbacb_acbc: "VMware shared folder",
    0x786f_4256: "VirtualBox shared folder", 0x2003_0528: "OrangeFS", 0x1983_0326: "BeeGFS",
  ]
}
