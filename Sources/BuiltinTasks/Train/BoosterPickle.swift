/// `model.pkl`: what `pickle.dump` writes for a model of Python's LightGBM, as far as loading it needs.

import LightGBM

/// Writes a pickle of protocol 2 that `pickle.load` turns into a `lightgbm.basic.Booster`. Nothing here reads pickles.
///
/// The Booster's `__setstate__` builds the model from the text under `_handle` (`handle` in older versions) and takes the other keys
/// as its attributes.
struct BoosterPickle {
  private var bytes: [UInt8] = []

  /// The bytes of the pickle of a model.
  ///
  /// - Parameter bestRound: how many rounds the model has: what early stopping kept.
  static func bytes(of model: ModelText, bestRound: Int) -> [UInt8] {
    var pickle = BoosterPickle()
    pickle.booster(model, bestRound)
    return pickle.bytes
  }

  private mutating func booster(_ model: ModelText, _ bestRound: Int) {
    bytes += [0x80, 2]  // PROTO 2
    bytes += Array("clightgbm.basic\nBooster\n".utf8)  // GLOBAL module, name
    bytes += [0x29, 0x81]  // EMPTY_TUPLE NEWOBJ: Booster.__new__(Booster)
    bytes += [0x7D, 0x28]  // EMPTY_DICT MARK
    text("_handle")
    text(model.trees)
    bytes += [0x71, 0]  // BINPUT 0: the text is written once and named twice
    text("handle")
    bytes += [0x68, 0]  // BINGET 0
    text("best_iteration")
    integer(bestRound)
    text("best_score")
    bytes += [0x7D]
    text("params")
    bytes += [0x7D]
    text("pandas_categorical")
    list(model.categories) { pickle, categories in pickle.list(categories) { $0.text($1) } }
    text("_network")
    bytes += [0x89]  // NEWFALSE
    text("_train_data_name")
    text("training")
    text("_Booster__need_reload_eval_info")
    bytes += [0x88]  // NEWTRUE
    text("_Booster__set_objective_to_none")
    bytes += [0x89]
    text("_Booster__num_class")
    integer(1)
    bytes += [0x75, 0x62, 0x2E]  // SETITEMS BUILD STOP
  }

  private mutating func text(_ value: String) {
    let content = Array(value.utf8)
    bytes.append(0x58)  // BINUNICODE
    littleEndian(UInt32(content.count))
    bytes += content
  }

  private mutating func integer(_ value: Int) {
    bytes.append(0x4A)  // BININT
    littleEndian(UInt32(bitPattern: Int32(value)))
  }

  private mutating func list<Element>(_ elements: [Element], _ element: (inout BoosterPickle, Element) -> Void) {
    bytes += [0x5D, 0x28]  // EMPTY_LIST MARK
    for value in elements { element(&self, value) }
    bytes.append(0x65)  // APPENDS
  }

  private mutating func littleEndian(_ value: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
