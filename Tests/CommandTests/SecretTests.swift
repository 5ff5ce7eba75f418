import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Secrets of a whole run: given to the nodes that list them, and nowhere to be found afterwards.
@Suite struct SecretTests {
    private static let line = "first line+/of the kéy"
    private static let secret = "\(line)\nsecond \"line\" of it"

    /// Prints, hands over, reports and fails with its secret, in every encoding.
    private static let workflow = #"""
        flow: 1
        name: w
        secrets: [TOKEN]
        nodes:
          talks:
            secrets: [TOKEN]
            env: {T: "${{ secrets.TOKEN }}", U: "Bearer ${{ secrets.TOKEN }}!"}
            outputs: {list: {type: array}}
            run: |
              : > started
              while [ ! -e go ]; do :; done
              python3 - <<'END'
              import os, sys, json, base64, urllib.parse, time
              t = os.environ["T"]
              assert os.environ["U"] == "Bearer " + t + "!"
              forms = [t] + t.split("\n")
              for text in list(forms):
                  raw = text.encode()
                  for n in range(3):
                      for encode in base64.b64encode, base64.urlsafe_b64encode:
                          forms.append(encode(b"x" * n + raw + b"yz").decode())
                          forms.append(encode(b"x" * n + raw).decode())
                  quoted = urllib.parse.quote(text, safe="")
                  forms += [quoted, quoted.lower(), urllib.parse.quote(text),
                            urllib.parse.quote_plus(text), json.dumps(text)[1:-1],
                            json.dumps(text, ensure_ascii=False)[1:-1]]
              for form in forms:
                  half = len(form) // 2
                  sys.stdout.write(form[:half]); sys.stdout.flush(); time.sleep(0.001)
                  sys.stdout.write(form[half:] + "\n"); sys.stdout.flush()
              with open(os.environ["FLOW_OUTPUT"], "a") as file:
                  file.write("all<<THE_END\n" + "\n".join(forms) + "\nTHE_END\n")
                  file.write("list=" + json.dumps([{form: form} for form in forms]) + "\n")
                  file.write("large=" + json.dumps(forms * 100) + "\n")
              with open(os.environ["FLOW_EVENTS"], "a") as file:
                  for form in forms:
                      file.write(json.dumps({"type": "tool.called", form: [form]}) + "\n")
              with open(os.environ["FLOW_SUMMARY"], "a") as file:
                  file.write("\n".join(forms) + "\n")
              with open(os.environ["FLOW_TMP"] + "/kept", "w") as file: file.write(t)
              END
          blind: {run: 'env'}
          fails:
            secrets: [TOKEN]
            env: {T: "${{ secrets.TOKEN }}"}
            run: 'printf %s "$T" | head -n 1 | tr -d "\n" >&2; exit 3'
          wrong:
            secrets: [TOKEN]
            env: {T: "${{ secrets.TOKEN }}"}
            run: 'printf "%s" "$T" > "$FLOW_OUTPUT"'
          broken:
            secrets: [TOKEN]
            env: {T: "${{ fromJSON(secrets.TOKEN) }}"}
            run: 'true'

        """#

    @Test("a secret that a run used stands nowhere, in no encoding, while it runs and after")
    func nowhere() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", Self.workflow)
        let flow = Demo.flow(in: folder.path, environment: ["TOKEN": Self.secret])
        let plain = Demo.flow(in: folder.path)
        // Looks at each line that the run prints: the others end before `talks` goes on.
        let run = try flow.run(["run", "w.yaml", "--max-parallel", "2"]) { line in
            if line.contains("broken ") { try? Files.write("", to: folder.at("go")) }
            let found = (try? Self.search([folder.at(".flow")])) ?? ["the search failed"]
            #expect(found == [], "after \(line)")
            return false
        }
        #expect(run.exit == 1, "\(run)")
        #expect(
            run.lines.contains { $0.contains("fails ") && $0.contains("exit 3: ***") }, "\(run)")
        #expect(
            run.lines.contains { $0.contains("talks ") && $0.contains("success") }, "\(run)")
        let events = try plain("events", "last").checked()
        #expect(try events.jsonLines.ofType("tool.called").count > 30)
        let log = try plain("logs", "last", "talks").checked()
        #expect(log.lines.filter { $0.contains("***") }.count > 30)
        #expect(try !plain("logs", "last", "blind").checked().output.contains("\nT="))
        let show = try plain("show", "last")
        for (name, result) in [("run", run), ("events", events), ("log", log), ("show", show)] {
            try folder.write("printed/\(name)", result.output + result.errors)
        }
        #expect(try Self.search([folder.at(".flow"), folder.at("printed")]) == [])
        // The search finds what is there.
        try folder.write("printed/it", "x\(Self.line)x")
        #expect(try Self.search([folder.at("printed")]) != [])
    }

    /// Where the secret stands in the files below some paths, databases and their write-ahead logs
    /// included, in any encoding; found by other means than flow hides it with.
    private static func search(_ paths: [String]) throws -> [String] {
        let script = #"""
            import sys, os, json, base64, urllib.parse
            secret = sys.argv[1]
            needles = {}
            for text in [secret] + secret.split("\n"):
                raw = text.encode()
                needles["as it is"] = raw
                for n in range(3):
                    for encode in base64.b64encode, base64.urlsafe_b64encode:
                        form = encode(b"x" * n + raw)
                        needles[f"{encode.__name__} after {n}"] = form[4 if n else 0:-4]
                quoted = urllib.parse.quote(text, safe="")
                for form in [quoted, quoted.lower(), urllib.parse.quote(text),
                             urllib.parse.quote_plus(text), json.dumps(text)[1:-1],
                             json.dumps(text, ensure_ascii=False)[1:-1]]:
                    needles[form] = form.encode()
                for path in sys.argv[2:]:
                    for folder, _, names in os.walk(path):
                        for name in names:
                            path = os.path.join(folder, name)
                            # A named pipe has no content, and opening it waits for a writer.
                            if not os.path.isfile(path): continue
                            try: found = open(path, "rb").read()
                            except FileNotFoundError: continue
                            found += name.encode()
                            for what, needle in needles.items():
                                if needle in found: print(folder, name, what)
            """#
        return try TestProgram("python3", in: "/").run(["-c", script, secret] + paths).checked()
            .lines
    }

    @Test("the environment wins over .env, for secrets and for what env-pass asks for")
    func sources() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            secrets: [TOKEN]
            nodes:
              a:
                env-pass: [HERE, BOTH, NEITHER]
                secrets: [TOKEN]
                env: {T: "${{ secrets.TOKEN }}"}
                run: 'echo "$HERE $BOTH ${NEITHER-unset} ${#T}"'

            """)
        try folder.write(".env", "HERE=file\nBOTH=file\nTOKEN='1234567'\n")
        try Demo.flow(in: folder.path, environment: ["BOTH": "given"])("run", "w.yaml").checked()
        #expect(try Demo.flow(in: folder.path)("logs", "last", "a").text == "file given unset 7")
        try Demo.flow(in: folder.path, environment: ["TOKEN": "12345678"])("run", "w.yaml")
            .checked()
        #expect(try Demo.flow(in: folder.path)("logs", "last", "a").text == "file file unset 8")
    }

    @Test(
        "a secret that is missing or too short is named, and nothing runs",
        arguments: [
            ("", "the secret TOKEN is missing; give it in the environment (TOKEN=… flow run …)"),
            ("12345", "the secret TOKEN is shorter than 6 characters"),
        ])
    func refused(_ value: String, _ message: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            secrets: [TOKEN]
            nodes: {a: {run: ': > ran'}}

            """)
        let run = try Demo.flow(in: folder.path, environment: ["TOKEN": value])("run", "w.yaml")
        #expect(run.exit == 2)
        #expect(run.errors.contains(message), "\(run)")
        #expect(try Files.list(folder.path) == ["w.yaml"])
    }

    @Test("a mistake in .env is shown with its place, without what stands there")
    func dotEnv() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nname: w\nnodes: {a: {env-pass: [A], run: 'true'}}\n")
        try folder.write(".env", "A='hidden\n")
        let run = try Demo.flow(in: folder.path)("run", "w.yaml")
        #expect(run.exit == 2)
        #expect(run.errors.contains(".env, line 1, column 3: the quote"), "\(run)")
        #expect(!run.errors.contains("hidden"))
    }

    @Test("what a killed run kept in private is gone with the next command")
    func swept() throws {
        let folder = try TemporaryFolder()
        let place = folder.at("tmp")
        try Files.makeFolder(place)
        try folder.write(
            "w.yaml",
            """
            flow: 1
            name: w
            secrets: [TOKEN]
            nodes:
              first: {run: 'true'}
              a:
                needs: first
                secrets: [TOKEN]
                env: {T: "${{ secrets.TOKEN }}"}
                run: 'echo "$T" > "$FLOW_TMP/kept"; : > kept; sleep 1000'
              b: {needs: first, run: 'while [ ! -e kept ]; do :; done'}

            """)
        let flow = Demo.flow(
            in: folder.path, environment: ["TOKEN": Self.secret, "TMPDIR": place])
        let killed = try flow.run(["run", "w.yaml", "--max-parallel", "2"]) { $0.contains("b ") }
        #expect(killed.exit == nil)
        let name = try #require(Files.list(place).first)
        #expect(Files.mode(Path.join(place, name)) == 0o700)
        #expect(try Self.search([folder.at(".flow")]) == [])
        try flow("runs").checked()
        #expect(try Files.list(place) == [])
    }
}
