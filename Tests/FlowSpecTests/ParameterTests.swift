import FlowJSON
import FlowSpec
import Testing

@Suite struct ParameterTests {
    private func found(_ param: String) -> [String] {
        mistakes("flow: 1\nparams:\n  p: \(param)\nnodes: {a: {run: x}}\n")
    }

    @Test(
        "a param's rules are checked where it is declared",
        arguments: [
            ("3", "3:6 the param 'p' takes a mapping such as {type: integer, default: 3}, not 3"),
            (
                "{type: int}",
                "3:13 'type' takes string, integer, number, boolean, duration, array, object, any, "
                    + "not the text 'int'; did you mean 'integer'?"
            ),
            (
                "{default: 3}",
                "3:16 'default' is 3, but a param without 'type' is text; add 'type: integer'"
            ),
            ("{type: integer, default: 3.5}", "3:31 'default' takes a whole number, not 3.5"),
            ("{type: integer, default: 0, minimum: 1}", "3:31 'default' must be at least 1, not 0"),
            (
                "{type: number, default: 9, maximum: 8.5}",
                "3:30 'default' must be at most 8.5, not 9"
            ),
            (
                "{type: boolean, default: yes}",
                "3:31 'default' takes true or false, not the text 'yes'"
            ),
            ("{type: duration, default: 7}", ""),
            (
                "{type: duration, default: 7 days}",
                "3:32 'default' takes a length of time such as 90s, 10m or "
                    + "7d, not the text '7 days'"
            ),
            (
                "{type: duration, default: 1m, minimum: 1h}",
                "3:32 'default' must be at least 3600 s, not 60 s"
            ),
            (
                "{type: array, items: integer, default: [1, x]}",
                "3:45 'default' element 2 takes a whole number, "
                    + "not the text 'x'"
            ),
            ("{type: object, default: []}", "3:30 'default' takes a mapping, not a list"),
            ("{default: c, enum: [a, b]}", "3:16 'default' takes one of 'a', 'b', not 'c'"),
            (
                "{type: integer, enum: [1, b]}",
                "3:32 a value of 'enum' takes a whole number, not the text 'b'"
            ),
            ("{enum: []}", "3:13 'enum' takes a list of the values that are allowed"),
            ("{minimum: 1}", "3:7 'minimum' is for numbers and durations only"),
            ("{type: integer, pattern: a}", "3:22 'pattern' is for text only"),
            ("{items: string}", "3:7 'items' is for lists only"),
            ("{type: integer, minimum: 3, maximum: 2}", "3:43 'maximum' is less than 'minimum'"),
            ("{type: integer, default: '${{ 1 }}'}", "3:32 'default' takes no expression"),
            ("{default: '5', pattern: '^a'}", "3:16 'default' must match '^a', which '5' does not"),
            ("{typ: integer}", "3:7 unknown key 'typ'; did you mean 'type'?"),
        ])
    func rules(_ param: String, _ expected: String) {
        #expect(found(param) == (expected.isEmpty ? [] : [expected]))
    }

    @Test("a pattern that cannot be matched in linear time is refused")
    func pattern() {
        #expect(
            found("{pattern: '(?=a)'}").first?.hasPrefix("3:16 the pattern cannot be used: ")
                == true)
    }

    private static let params = """
        flow: 1
        params:
          n: {type: integer, default: 3, minimum: 1, maximum: 10}
          name: {type: string}
          wait: {type: duration, default: 1h30m}
          on: {type: boolean, default: true}
          list: {type: array, items: integer, default: []}
          map: {type: object, default: {}}
          ratio: {type: number, default: 0.5}
        nodes: {a: {run: x}}
        """

    @Test("the command line wins over the file, and the file over the default")
    func precedence() throws {
        let read = try workflow(Self.params)
        let values = try read.bind(
            file: ["n": 4, "wait": "2m", "list": [1, 2.0], "name": "file"],
            arguments: [
                ("n", "9"), ("name", "7"), ("on", "false"), ("map", #"{"a":1}"#), ("n", "5"),
            ])
        #expect(
            JSON.object(values).text()
                == #"{"n":5,"name":"7","wait":120,"on":false,"list":[1,2],"map":{"a":1},"ratio":0.5}"#
        )
        #expect(try read.bind(arguments: [("name", "x"), ("wait", "7d")])["wait"] == 604_800)
    }

    @Test("what may be left out without a default is null, and any takes JSON, or else text")
    func optional() throws {
        let read = try workflow(
            """
            flow: 1
            params:
              n: {type: integer, required: false, minimum: 1}
              v: {type: any}
            nodes: {a: {run: x}}
            """)
        #expect(try read.bind(arguments: [("v", "[1]")]) == ["n": nil, "v": [1]])
        #expect(try read.bind(arguments: [("v", "a: b"), ("n", "2")]) == ["n": 2, "v": "a: b"])
        #expect(throws: BindingError.self) { try read.bind(arguments: [("v", "null")]) }
        #expect(throws: BindingError.self) { try read.bind(arguments: [("v", "1"), ("n", "0")]) }
    }

    @Test("every value that is wrong is named")
    func mistakesOfValues() throws {
        let read = try workflow(Self.params)
        #expect {
            try read.bind(
                file: ["n": 11, "nmae": "x", "list": ["a"]],
                arguments: [
                    ("wait", "soon"), ("on", "1"), ("map", "{"), ("ratio", "1e999"), ("n", "0x3"),
                ])
        } throws: {
            "\($0)" == """
                the param 'n' must be at most 10, not 11
                there is no param 'nmae'; did you mean 'name'?
                the param 'list' element 1 takes a whole number, not the text 'a'
                the param 'wait' takes a length of time such as 90s, 10m or 7d, not the text 'soon'
                the param 'on' takes true or false, not the text '1'
                the param 'map' takes JSON such as {"a": 1}, not '{'
                the param 'ratio' takes a number, not the text '1e999'
                the param 'n' takes a whole number, not the text '0x3'
                the param 'name' has no default; give it with -p name=VALUE
                """
        }
        #expect { try read.bind(file: [1], arguments: [("name", "x")]) } throws: {
            "\($0)" == "the params file holds a list, not a mapping"
        }
    }

    @Test(
        "the shape of 'on' is checked",
        arguments: [
            ("{schedule: [{cron: '0 2 * * *', timezone: Europe/Brussels, catch-up: latest}]}", ""),
            ("{schedule: [{cron: '*/15 0-6,20 1,15 jan-mar MON-fri'}]}", ""),
            (
                "{schedule: [{cron: '0 2 * *'}]}",
                "2:25 cron takes five fields (minute hour day month weekday), "
                    + "not 4"
            ),
            (
                "{schedule: [{cron: '0 24 * * *'}]}",
                "2:27 '24' is no hour (0 to 23, *, lists, ranges, steps)"
            ),
            (
                "{schedule: [{cron: '0 2 * * 1-'}]}",
                "2:33 '1-' is no day of the week (0 to 7, *, lists, ranges, "
                    + "steps)"
            ),
            ("{schedule: [{timezone: UTC}]}", "2:17 'cron' is missing"),
            (
                "{schedule: {cron: x}}",
                "2:16 'schedule' takes a list such as [{cron: \"0 2 * * *\"}], not a mapping"
            ),
            (
                "{schedule: [{cron: '0 2 * * *', catch-up: last}]}",
                "2:47 'catch-up' takes latest, all, none, not the "
                    + "text 'last'; did you mean 'latest'?"
            ),
            (
                "{schedule: [{cron: '0 2 * * *', timezone: 'a b'}]}",
                "2:47 'timezone' takes a name such as UTC or "
                    + "Europe/Brussels, not 'a b'"
            ),
            ("{workflow: {mine: [success, failure]}}", ""), ("{workflow: {mine: success}}", ""),
            (
                "{workflow: {mine: [succes]}}",
                "2:24 a workflow ends with success, failure, cancelled, not 'succes'; "
                    + "did you mean 'success'?"
            ),
            ("{push: {}}", "2:6 unknown key 'push'; there are schedule, workflow"),
            ("push", "2:5 'on' takes a mapping, not the text 'push'"),
        ])
    func triggers(_ on: String, _ expected: String) {
        #expect(
            mistakes("flow: 1\non: \(on)\nnodes: {a: {run: x}}\n")
                == (expected.isEmpty ? [] : [expected]))
    }
}
