/// Names for the `task` and the `tags` of a dataset line.
package enum TaskSlug {
    /// `prevent_keyerror_in_sale_order` of a guardrail named `KeyError in sale.order`; a fixer's
    /// begins with `fix_`, a procedure's with `perform_`.
    ///
    /// Letters and digits of any script stay, all else becomes one `_`; at most 80 scalars.
    package static func make(kind: String, name: String) -> String {
        let verb =
            switch kind {
            case "fixer": "fix"
            case "procedure": "perform"
            default: "prevent"
            }
        let words = TextWords(name, minimum: 1).words.flatMap { word in
            word.split(separator: "_").map(String.init)
        }
        return join([verb] + words)
    }

    /// Words to retrieve a line by: the kind, the component's parts and the type of error, in
    /// lower case, each once. `odoo.addons.sale` and `KeyError` give `odoo sale keyerror`.
    package static func tags(kind: String, component: String, errorType: String?) -> [String] {
        let parts = component.split { "./:\\ ".contains($0) }.map(String.init)
        let words = [kind] + parts.filter { $0 != "addons" } + (errorType.map { [$0] } ?? [])
        var seen: Set<String> = []
        return words.map { $0.lowercased() }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    private static func join(_ words: [String]) -> String {
        let text = words.filter { !$0.isEmpty }.joined(separator: "_")
        var scalars = Array(text.unicodeScalars.prefix(80))
        while scalars.last == "_" { scalars.removeLast() }
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars)
        return result
    }
}
