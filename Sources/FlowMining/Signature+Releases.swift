package import FlowJSON
package import FlowSystem

extension Signature {
    /// What was seen of a group in one release of the program.
    package struct Release: Sendable, Hashable {
        package let name: String
        package let hits: Int
        /// By event time.
        package let firstSeen: Timestamp
        package let lastSeen: Timestamp

        /// As `{release, hits, first_seen, last_seen}`.
        package var json: JSON {
            [
                "release": .string(name), "hits": .integer(hits),
                "first_seen": .string(firstSeen.description),
                "last_seen": .string(lastSeen.description),
            ]
        }

        /// Reads what `json` wrote; nil where a member is missing.
        init?(json: JSON) {
            guard let name = json["release"]?.stringValue, let hits = json["hits"]?.intValue,
                let first = json["first_seen"]?.stringValue.flatMap({ Timestamp($0) }),
                let last = json["last_seen"]?.stringValue.flatMap({ Timestamp($0) })
            else { return nil }
            self.init(name: name, hits: hits, firstSeen: first, lastSeen: last)
        }

        private init(name: String, hits: Int, firstSeen: Timestamp, lastSeen: Timestamp) {
            self.name = name
            self.hits = hits
            self.firstSeen = firstSeen
            self.lastSeen = lastSeen
        }

        /// Sums what several lists have of one release.
        /// - Returns: the newest release first: the one that was seen first last.
        package static func joined(_ releases: [Release]) -> [Release] {
            Dictionary(grouping: releases, by: \.name).map { name, same in
                Release(
                    name: name, hits: same.reduce(0) { $0 + $1.hits },
                    firstSeen: same.map(\.firstSeen).min() ?? same[0].firstSeen,
                    lastSeen: same.map(\.lastSeen).max() ?? same[0].lastSeen)
            }.sorted {
                ($0.firstSeen, $0.lastSeen, $0.name) > ($1.firstSeen, $1.lastSeen, $1.name)
            }
        }

        static func list(_ days: [ReleaseTotals]) -> [Release] {
            joined(
                days.flatMap(\.totals).map {
                    Release(
                        name: $0.release.text, hits: $0.count, firstSeen: $0.first,
                        lastSeen: $0.last)
                })
        }
    }
}
