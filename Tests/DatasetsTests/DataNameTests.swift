import Testing

@testable import Datasets

@Suite struct DataNameTests {
  @Test func arraysNameTheirPartBeforeOrBehind() {
    let cases: [(name: String, stem: String, split: DatasetSplit?)] = [
      ("x_train", "x", .train), ("train_images", "images", .train), ("X_val", "X", .validation),
      ("x_validation", "x", .validation), ("valid_images", "images", .validation),
      ("trainLabels", "Labels", .train), ("Xtrain", "x", .train), ("testy", "y", .test),
      ("y_te", "y", .test), ("train_set_x", "x", .train), ("x-tr", "x", .train),
      ("attention_mask_test", "attention_mask", .test), ("dev.x", "x", .validation),
      ("x", "x", nil), ("tokens", "tokens", nil), ("latest_x", "latest_x", nil),
      ("trained_x", "trained_x", nil), ("val", "val", nil), ("", "", nil), ("__", "__", nil),
      ("a_test_b", "a_test_b", nil), ("test_é", "é", .test),
    ]
    for item in cases {
      let (stem, split) = DataName.array(item.name)
      #expect(stem == item.stem && split == item.split, "\(item.name): \(stem)")
    }
  }

  @Test func wordsOfFilesMayStandAnywhere() {
    let cases: [(name: String, split: DatasetSplit?, role: DataName.Role?, others: [String])] = [
      ("mnist_test", .test, nil, ["mnist"]), ("my.train.data.v2", .train, .input, ["my", "v2"]),
      ("cifar10.1_v6_labels", nil, .target, ["cifar10", "1", "v6"]),
      ("image_labels", nil, .target, []), ("labels", nil, .target, []),
      ("test_X", .test, .input, []), ("first_class", nil, nil, ["first", "class"]),
      ("class", nil, .target, []), ("latest", nil, nil, ["latest"]),
    ]
    for item in cases {
      let name = DataName(item.name)
      #expect(name.split == item.split && name.role == item.role, "\(item.name)")
      #expect(name.others == item.others, "\(item.name): \(name.others)")
    }
  }

  @Test func aRoleAmongOtherWordsIsNotPlain() {
    for name in ["target", "Label", "y", "class", "WEIGHT", "x"] {
      #expect(DataName(name).plainRole != nil, "\(name)")
    }
    for name in ["class_weights", "target_mask", "input_ids", "label_weight", "classes"] {
      #expect(DataName(name).plainRole == nil, "\(name)")
    }
  }
}
