/// What the parser needs to know of one property of a command.
final class Slot {
    enum Kind { case argument, option, flag, rest }

    let kind: Kind
    /// With dashes; empty: from the property's name.
    var names: [String]
    var label = ""
    let help: String
    let valueName: String
    let isRequired: Bool
    let isRepeated: Bool
    let values: [String]
    /// Takes a word in; false when it is no such value.
    var take: (String) -> Bool = { _ in false }
    var isGiven = false

    init(
        _ kind: Kind, names: [String] = [], help: String, valueName: String = "",
        isRequired: Bool = false, isRepeated: Bool = false, values: [String] = []
    ) {
        self.kind = kind
        self.names = names
        self.help = help
        self.valueName = valueName
        self.isRequired = isRequired
        self.isRepeated = isRepeated
        self.values = values
    }
}

/// A property wrapper that the parser finds by reflection.
protocol Slotted {
    var slot: Slot { get }
}

/// The value behind a wrapper, shared by its copies while a command line is parsed.
private final class Box<Value> {
    var value: Value?
    init(_ value: Value?) { self.value = value }
}

/// A word that stands by its place.
@propertyWrapper
package struct Argument<Value>: Slotted {
    private let box: Box<Value>
    let slot: Slot

    package var wrappedValue: Value {
        get {
            guard let value = box.value else { fatalError("the parser has filled \(slot.label)") }
            return value
        }
        set { box.value = newValue }
    }

    /// A required word.
    package init(help: String, valueName: String = "") where Value: ExpressibleByArgument {
        let box = Box<Value>(nil)
        self.box = box
        slot = Slot(
            .argument, help: help, valueName: valueName, isRequired: true, values: Value.allValues)
        slot.take = { box.fill($0) }
    }

    /// A word with a default.
    package init(wrappedValue: Value, help: String, valueName: String = "")
    where Value: ExpressibleByArgument {
        let box = Box<Value>(wrappedValue)
        self.box = box
        slot = Slot(.argument, help: help, valueName: valueName, values: Value.allValues)
        slot.take = { box.fill($0) }
    }

    /// A word that may be missing.
    package init<Inner: ExpressibleByArgument>(help: String, valueName: String = "")
    where Value == Inner? {
        let box = Box<Value>(.some(nil))
        self.box = box
        slot = Slot(.argument, help: help, valueName: valueName, values: Inner.allValues)
        slot.take = { box.fillOptional($0) }
    }

    /// Words to the end; at least one when `isRequired`.
    package init<Inner: ExpressibleByArgument>(
        help: String, valueName: String = "", isRequired: Bool = true
    ) where Value == [Inner] {
        let box = Box<Value>([])
        self.box = box
        slot = Slot(
            .argument, help: help, valueName: valueName, isRequired: isRequired, isRepeated: true)
        slot.take = { box.append($0) }
    }
}

/// A value after a name: `--now TIME` or `--now=TIME`.
@propertyWrapper
package struct Option<Value>: Slotted {
    private let box: Box<Value>
    let slot: Slot

    package var wrappedValue: Value {
        get {
            guard let value = box.value else { fatalError("an option has a default") }
            return value
        }
        set { box.value = newValue }
    }

    package init(wrappedValue: Value, name: [String] = [], help: String, valueName: String = "")
    where Value: ExpressibleByArgument {
        let box = Box<Value>(wrappedValue)
        self.box = box
        slot = Slot(.option, names: name, help: help, valueName: valueName, values: Value.allValues)
        slot.take = { box.fill($0) }
    }

    package init<Inner: ExpressibleByArgument>(
        name: [String] = [], help: String, valueName: String = ""
    ) where Value == Inner? {
        let box = Box<Value>(.some(nil))
        self.box = box
        slot = Slot(.option, names: name, help: help, valueName: valueName, values: Inner.allValues)
        slot.take = { box.fillOptional($0) }
    }

    /// May be given any number of times.
    package init<Inner: ExpressibleByArgument>(
        name: [String] = [], help: String, valueName: String = ""
    ) where Value == [Inner] {
        let box = Box<Value>([])
        self.box = box
        slot = Slot(.option, names: name, help: help, valueName: valueName, isRepeated: true)
        slot.take = { box.append($0) }
    }
}

/// A name alone.
@propertyWrapper
package struct Flag: Slotted {
    private let box: Box<Bool>
    let slot: Slot

    package var wrappedValue: Bool {
        get { box.value ?? false }
        set { box.value = newValue }
    }

    package init(name: [String] = [], help: String) {
        let box = Box(false)
        self.box = box
        slot = Slot(.flag, names: name, help: help)
        slot.take = { _ in
            box.value = true
            return true
        }
    }
}

/// All words, untouched, of a command that is passed through.
@propertyWrapper
package struct Rest: Slotted {
    private let box: Box<[String]>
    let slot: Slot

    package var wrappedValue: [String] {
        get { box.value ?? [] }
        set { box.value = newValue }
    }

    package init() {
        let box = Box<[String]>([])
        self.box = box
        slot = Slot(.rest, help: "")
        slot.take = { box.append($0) }
    }
}

extension Box where Value: ExpressibleByArgument {
    fileprivate func fill(_ word: String) -> Bool {
        guard let value = Value(argument: word) else { return false }
        self.value = value
        return true
    }
}

extension Box {
    fileprivate func fillOptional<Inner: ExpressibleByArgument>(_ word: String) -> Bool
    where Value == Inner? {
        guard let value = Inner(argument: word) else { return false }
        self.value = .some(value)
        return true
    }

    fileprivate func append<Inner: ExpressibleByArgument>(_ word: String) -> Bool
    where Value == [Inner] {
        guard let value = Inner(argument: word) else { return false }
        self.value = (self.value ?? []) + [value]
        return true
    }
}

/// Options that several commands share.
package protocol ParsableArguments {
    init()
}

/// Shared options as a property: they stand in the command as if they were its own.
@propertyWrapper
package struct OptionGroup<Value: ParsableArguments>: Grouping {
    package var wrappedValue: Value
    package init() { wrappedValue = Value() }
    var group: Any { wrappedValue }
}

protocol Grouping {
    var group: Any { get }
}
