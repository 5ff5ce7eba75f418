import FlowJSON
import Testing

@testable import FlowSkills

@Suite("What procedures and their steps are called")
struct ProcedureNamesTests {
    /// A procedure of these steps; those in brackets are optional.
    private func procedure(_ titles: [String]) throws -> Procedure {
        let steps = titles.enumerated().map { place, title -> JSON in
            let isOptional = title.hasPrefix("[")
            let name = isOptional ? String(title.dropFirst().dropLast()) : title
            return [
                "id": .string("s\(place)"), "name": .string(name), "optional": .bool(isOptional),
            ]
        }
        var procedure = try Procedure(reading: ["name": "x", "steps": .array(steps)])
        procedure.name = ProcedureNames(procedure.steps).name
        return procedure
    }

    private static let submitted = "Declaration SUBMITTED by EMPLOYEE"
    private static let rejected = "Declaration REJECTED by EMPLOYEE"

    @Test(
        "a name has the telling words of the first and the last step, five at most",
        arguments: [
            (["read_file", "edit_file", "run_tests"], "read-file-to-run-tests"),
            (["git.tag", "build_image", "git.push"], "git-tag-to-push"),
            ([submitted, "Payment Handled"], "declaration-submitted-to-payment-handled"),
            ([submitted, rejected], "declaration-submitted-to-rejected"),
            (
                ["Declaration FINAL_APPROVED by SUPERVISOR", submitted],
                "declaration-final-approved-to-submitted-employee"
            ),
            (
                [rejected, "Declaration REJECTED by MISSING"],
                "declaration-rejected-employee-to-missing"
            ),
            (
                ["order item one now first", "order item two then last"],
                "order-one-now-to-two-last"
            ),
            (["[fetch]", "plan", "[lint]", "deploy", "[tell]"], "plan-to-deploy"),
            ([submitted, rejected, submitted], "declaration-submitted-via-rejected"),
            (["poll", "poll", "poll"], "poll-again"),
            (["the end of it all"], "end-it-all"),
            (["Prüfe die größte Æra № 7", "Łódź 2"], "prufe-die-to-lodz-2"),
            (["e\u{301}te\u{301}", "İstanbul"], "ete-to-istanbul"),
            (["проверить", "отправить"], "step-to-step"),
            (["to", "by"], "to-to-by"),
            (["a/b/c/d/e/f", "x"], "b-c-to-x"),
        ])
    func names(_ steps: [String], _ name: String) throws {
        #expect(try procedure(steps).name == name)
    }

    @Test("a name is never longer than 64 letters, whatever the steps are called")
    func limit() throws {
        let long = String(repeating: "internationalization", count: 4)
        let name = try procedure(["\(long) of \(long)", "\(long) at \(long)x"]).name
        #expect(!name.isEmpty && name.utf8.count <= 64)
        let names = ProcedureNames.distinct([
            try procedure(["\(long)"]), try procedure(["\(long)", "[other]"]),
        ])
        #expect(names == [String(long.prefix(64)), String(long.prefix(62)) + "-2"])
    }

    @Test(
        "what is too long loses words of its beginning, and else its end with the word before it",
        arguments: [
            ("alpha", "beta", 23, "aX-bX-to-alpha-beta", false),
            ("alphaY", "beta", 23, "aX-to-alphaY-beta", false),
            ("alphaY", "betaY", 23, "aX-bX", false),
            ("", "", 29, "aX-again", true),
        ])
    func cut(_ third: String, _ fourth: String, _ count: Int, _ name: String, _ isLoop: Bool) throws
    {
        func word(_ text: String) -> String {
            text.replacing("X", with: String(repeating: "x", count: count))
                .replacing("Y", with: String(repeating: "y", count: 20))
        }
        let begin = word("aX bX")
        let steps = isLoop ? [begin, begin, begin] : [begin, word("\(third) \(fourth)")]
        #expect(try procedure(steps).name == word(name))
    }

    @Test("a number takes the place of words where there is no room, and no to is left alone")
    func numbered() throws {
        let begin = "\(String(repeating: "a", count: 28)) \(String(repeating: "b", count: 28))"
        let same = try [[begin, "uvw"], [begin, "[x]", "uvw"]].map(procedure)
        let name = same[0].name
        #expect(name == begin.replacing(" ", with: "-") + "-to-uvw" && name.utf8.count == 64)
        #expect(
            ProcedureNames.distinct(same) == [name, begin.replacing(" ", with: "-") + "-2"])
    }

    @Test("a name of the library is given to no other procedure, which gets a word of its own")
    func taken() throws {
        let known = try procedure(["draft", "check", "publish"])
        let new = try procedure(["draft", "review", "publish"])
        #expect(
            ProcedureNames.distinct([new], besides: [known]) == ["draft-to-publish-via-review"])
        let third = try procedure(["draft", "check", "check", "publish"])
        #expect(ProcedureNames.distinct([third], besides: [known]) == ["draft-to-publish-2"])
    }

    @Test("procedures of one name differ by a word of their steps, else by a number")
    func distinct() throws {
        let all = try [
            [Self.submitted, "Declaration REJECTED by ADMINISTRATION", Self.rejected],
            [Self.submitted, "Declaration REJECTED by SUPERVISOR", Self.rejected],
            [Self.submitted, "Declaration REJECTED by SUPERVISOR", Self.submitted, Self.rejected],
            ["read_file", "run_tests"],
        ].map(procedure)
        #expect(
            ProcedureNames.distinct(all) == [
                "declaration-submitted-to-rejected",
                "declaration-submitted-to-rejected-via-supervisor",
                "declaration-submitted-to-rejected-2", "read-file-to-run-tests",
            ])
    }

    @Test("tags are telling words, and only optional steps are spoken of as such")
    func words() throws {
        let names = ProcedureNames(
            try procedure(["git.tag", "push for the Größe", "git.push"]).steps)
        #expect(names.tags == ["git", "push", "tag", "grosse"])
        #expect(
            names.description(runs: 3)
                == "git.tag, then push for the Größe, then git.push. Seen in 3 runs.")
        let optional = ProcedureNames(try procedure(["a", "[b]", "c"]).steps)
        #expect(
            optional.description(runs: 3)
                == "a, then [b], then c. Seen in 3 runs; steps in brackets are left out at times.")
    }

    @Test("ids of steps are words of ASCII, cut between two of them")
    func ids() {
        let long =
            "Prüfe die Lieferung für größere Kunden und schreibe ein Protokoll in die Akte № 7"
        #expect(
            Slug.make(long, separator: "_", limit: 40) == "prufe_die_lieferung_fur_grossere_kunden")
        #expect(Slug.make("№ !", separator: "_", limit: 40) == "step")
        #expect(Slug.make(String(repeating: "a", count: 90), separator: "_", limit: 40).count == 40)
        #expect(Slug.make("HTTP2  get/x", separator: "-", limit: 40) == "http2-get-x")
    }
}
