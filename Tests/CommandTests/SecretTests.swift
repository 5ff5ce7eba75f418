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
            outputs: {list: {type: array}, keys: {type: array}, all: {}, large: {}}
            run: |
              : > started
              while [ ! -e go ]; do :; done
              python3 - <<'END'
              import os, sys, json, base64, urllib.parse, time
              t = os.environ["T"]
              assert os.environ["U"] == "Bearer " + t + "!"
              forms, broken = [t] + t.split("\n"), []
              for text in list(forms):
                  raw = text.encode()
                  for n in range(3):
                      for encode in base64.b64encode, base64.urlsafe_b64encode:
                          forms.append(encode(b"x" * n + raw + b"yz").decode())
                          forms.append(encode(b"x" * n + raw).decode())
                      digits = base64.b64encode(b"x" * n + raw + b"yz").decode()
                      for width in 76, 64, 32, 24, 16, 8, 5, 1:
                          lines = [digits[i:i + width] for i in range(0, len(digits), width)]
                          broken += ["\n".join(lines), "\r\n  ".join(lines)]
                  quoted = urllib.parse.quote(text, safe="")
                  forms += [quoted, quoted.lower(), urllib.parse.quote(text),
                            urllib.parse.quote_plus(text), json.dumps(text)[1:-1],
                            json.dumps(text, ensure_ascii=False)[1:-1]]
              for form in forms + broken:
                  half = len(form) // 2
                  sys.stdout.write(form[:half]); sys.stdout.flush(); time.sleep(0.001)
                  sys.stdout.write(form[half:] + "\n"); sys.stdout.flush()
              with open(os.environ["FLOW_OUTPUT"], "a") as file:
                  file.write("all<<THE_END\n" + "\n".join(forms + broken) + "\nTHE_END\n")
                  file.write("list=" + json.dumps([{f: f} for f in forms + broken]) + "\n")
                  file.write("keys=" + json.dumps([f"{n}-{f}" for n, f in enumerate(forms[:5])]) + "\n")
                  file.write("large=" + json.dumps(forms * 100) + "\n")
              with open(os.environ["FLOW_EVENTS"], "a") as file:
                  for form in forms + broken:
                      file.write(json.dumps({"type": "tool.called", form: [form]}) + "\n")
                      file.write(json.dumps({"type": "x." + form, "data": {form: form}}) + "\n")
              with open(os.environ["FLOW_SUMMARY"], "a") as file:
                  file.write("\n".join(forms + broken) + "\n")
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
          named:
            secrets: [TOKEN]
            env: {T: "${{ secrets.TOKEN }}"}
            run: |
              python3 - <<'END'
              import os, urllib.parse
              name = urllib.parse.quote(os.environ["T"], safe="")
              os.makedirs("made", exist_ok=True)
              for path in "made/" + name, "made/" + name.split("%0A")[0]: open(path, "w")
              open(os.environ["FLOW_OUTPUT"], "w").write(name + "=1\n")
              END
          unstarted:
            secrets: [TOKEN]
            env: {PATH: "/nowhere/${{ secrets.TOKEN }}"}
            run: [no-such-program]
          kept:
            needs: named
            if: always()
            cache: {inputs: ["made/**"], outputs: ["made/*"]}
            run: 'true'
          legs:
            needs: talks
            strategy: {matrix: {k: "${{ needs.talks.outputs.keys }}"}, fail-fast: false}
            env: {K: "${{ matrix.k }}"}
            run: 'echo "$K"; exit 1'
        outputs: {all: "${{ needs.talks.outputs.all }}"}

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
        let why = try plain("why", "last", "kept").checked()
        #expect(why.output.contains("its name holds a secret"), "\(why)")
        #expect(try plain("why", "last", "legs[0-***]").checked().output.contains("exit 1"))
        try folder.write("printed/run", run.output + run.errors)
        for words in Self.tellingWords {
            let result = try plain.run(words)
            try folder.write(
                "printed/\(words.joined(separator: " "))", result.output + result.errors)
        }
        #expect(try Self.search([folder.at(".flow"), folder.at("printed")]) == [])
        let again = try flow("retry", "last", "--from", "kept", "--from", "fails")
        try folder.write("printed/again", again.output + again.errors)
        try plain("runs", "prune", "--keep-days", "0").checked()
        #expect(try Self.search([folder.at(".flow"), folder.at("printed")]) == [])
    }

    /// Everything that tells of a run.
    private static let tellingWords = [
        ["events", "last"], ["logs", "last"], ["logs", "last", "--raw"], ["show", "last"],
        ["show", "last", "--json"], ["runs", "--json"], ["why", "last", "kept", "--json"],
        ["why", "last", "fails", "--json"], ["why", "last", "wrong", "--json"],
        ["why", "last", "named", "--json"], ["why", "last", "unstarted", "--json"],
        ["why", "last", "broken", "--json"], ["diff", "last", "last", "--json"],
        ["graph", "last", "--format", "svg"], ["graph", "last", "--format", "dot"],
        ["plan", "w.yaml", "--json"], ["doctor", "--json"],
    ]

    @Test(
        "the search that the other tests rely on finds a secret in a file, a name and a process",
        // Each looks at the processes of the others too.
        .serialized,
        arguments: [
            "another l+ne/of the kéy", "YW5vdGhlciBsK25lL29mIHRoZSBrw6l5eXg=",
            "YW5vdGhl\nciBsK25l\r\n  L29mIHRoZSBrw6l5eXg=", "another%20l%2Bne/of%20the%20k%C3%A9y",
        ])
    func search(_ form: String) throws {
        // Another one than the other tests', which look at all processes as well.
        let secret = "another l+ne/of the kéy"
        func search(_ paths: [String]) throws -> [String] { try Self.search(paths, for: secret) }
        let folder = try TemporaryFolder()
        try folder.write("clean", "x")
        #expect(try search([folder.path]) == [])
        try folder.write("it", "x\(form)x")
        #expect(try search([folder.path]) != [])
        if !form.contains("/"), !form.contains("\n") {
            let named = try TemporaryFolder()
            try Files.makeFolder(named.at("a \(form)"))
            #expect(try search([named.path]) != [])
        }
        var seen: [String] = []
        let waits = "mkfifo pipe; echo up; read line < pipe"
        _ = try TestProgram("sh", in: folder.path).run(["-c", waits, "sh", form]) { _ in
            seen = (try? search([])) ?? []
            return true
        }
        #expect(seen != [])
    }

    /// Where the secret stands in the files below some paths and in their names, databases and their
    /// write-ahead logs included, and in what any process was started with, in any encoding; found by
    /// other means than flow hides it with.
    private static func search(_ paths: [String], for secret: String = secret) throws
        -> [String]
    {
        let script = #"""
            import sys, os, glob, json, base64, urllib.parse
            secret = os.environ["SOUGHT"]
            needles = {}
            def look(place, found):
                bare = found.translate(None, b"\r\n\t ")
                for what, needle in needles.items():
                    if needle in (bare if "b64" in what else found):
                        print(place, what)
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
            def read(path):
                try: return open(path, "rb").read()
                except (FileNotFoundError, ProcessLookupError): return b""
            for top in sys.argv[1:]:
                for folder, folders, names in os.walk(top):
                    for name in folders + names:
                        path = os.path.join(folder, name)
                        look(path, os.fsencode(name))
                        # A named pipe has no content, and opening it waits for a writer.
                        if os.path.isfile(path): look(path, read(path))
            for path in glob.glob("/proc/[0-9]*/cmdline"):
                look(path, read(path))
            """#
        return try TestProgram("python3", in: "/", environment: ["SOUGHT": secret])
            .run(["-c", script] + paths).checked().lines
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
