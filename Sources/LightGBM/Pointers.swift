// Arrays of arrays as C wants them: a pointer to each, all of them valid for the length of a call.

/// Calls `body` with a pointer to the elements of each array. C declares them mutable but only reads them.
func withPointers<Element, Result>(
  to arrays: [[Element]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<Element>?>) -> Result
) -> Result {
  // A loop of `withUnsafeBufferPointer` cannot nest to a depth known only at run time, so the elements go to memory of our own.
  var pointers = arrays.map { array -> UnsafeMutablePointer<Element>? in
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(array.count, 1))
    copy.initialize(from: array, count: array.count)
    return copy
  }
  defer {
    for (pointer, array) in zip(pointers, arrays) {
      pointer?.deinitialize(count: array.count)
      pointer?.deallocate()
    }
  }
  return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
}

/// Calls `body` with C strings of `strings`.
func withCStrings<Result>(_ strings: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
  withPointers(to: strings.map { Array($0.utf8CString) }) { mutable in
    var constant = strings.indices.map { UnsafePointer(mutable[$0]) }
    return constant.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  }
}
