import FlowJSON
import FlowMining
import FlowText
import Testing

@Suite("Private parts of examples")
struct PrivacyMaskTests {
    static let cases: [(String, String)] = [
        ("mail from ada.novak+x@example.com failed", "mail from <email> failed"),
        ("card 4111 1111 1111 1111 refused", "card <card> refused"),
        ("card 4111-1111-1111-1111.", "card <card>."),
        ("card 4111 1111 1111 1111 12/27 refused", "card <card> 12/27 refused"),
        ("2 cards: 378282246310005, 6011000990139424", "2 cards: <card>, <card>"),
        (
            "took 4111111111111111.5 ms, v4111111111111111",
            "took 4111111111111111.5 ms, v4111111111111111"
        ),
        ("11111111111111111111111111111111", "11111111111111111111111111111111"),
        ("card=5500005555555559, next", "card=<card>, next"),
        ("order 4111111111111112 refused", "order 4111111111111112 refused"),
        ("password=hunter2 user=ada", "password=<secret> user=ada"),
        ("{\"api_key\": \"abc def\", \"id\": 5}", "{\"api_key\": \"<secret>\", \"id\": 5}"),
        ("DB_PASSWORD: s3cr3t!", "DB_PASSWORD: <secret>"),
        ("password: required", "password: required"),
        ("unexpected token: name", "unexpected token: name"),
        ("Authorization: Bearer abcdef.123456-XYZ", "Authorization: Bearer <token>"),
        ("Authorization: Basic dXNlcjpwYXNz denied", "Authorization: Basic <token> denied"),
        ("Proxy-Authorization: Bearer abc.def.ghi", "Proxy-Authorization: Bearer <token>"),
        ("authorization=Bearer s3cr3t", "authorization=Bearer <token>"),
        ("authorization: needed for it", "authorization: needed for it"),
        ("GET /f?se=2026&sig=Zm9vYmFy&x=1", "GET /f?se=2026&sig=<secret>&x=1"),
        ("core dumped sig=11", "core dumped sig=11"),
        (
            "ALTER USER ada IDENTIFIED BY 'geheim'; ALTER ROLE b PASSWORD 'x y'",
            "ALTER USER ada IDENTIFIED BY '<secret>'; ALTER ROLE b PASSWORD '<secret>'"
        ),
        ("the password isn't known", "the password isn't known"),
        (
            "clone of https://ada:geheim@example.org/x.git",
            "clone of https://ada:<secret>@example.org/x.git"
        ),
        ("push with ghp_0123456789abcdefABCDEF0123456789abcd", "push with <token>"),
        ("key AKIAIOSFODNN7EXAMPLE is unknown", "key <token> is unknown"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired", "jwt <token> expired"),
        (
            "-----BEGIN RSA PRIVATE KEY----- MIIE -----END RSA PRIVATE KEY----- bad",
            "<key> bad"
        ),
        (
            "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n",
            "<key>\\n"
        ),
        (
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
            "<key>"
        ),
        (
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        ),
        (
            #"body {\"password\": \"hunt\\\"er2\", \"id\": 5}"#,
            #"body {\"password\": \"<secret>\", \"id\": 5}"#
        ),
        (#"{"password": "a\"b c", "id": 5}"#, #"{"password": "<secret>", "id": 5}"#),
        ("{'password': b'hunter2', 'id': 5}", "{'password': b'<secret>', 'id': 5}"),
        (
            #"{:password=>"hunter2", "api_key" => "x y"}"#,
            #"{:password=>"<secret>", "api_key" => "<secret>"}"#
        ),
        ("password := hunter2, password==hunter", "password := <secret>, password==<secret>"),
        ("password = hunter and token = in line", "password = <secret> and token = in line"),
        ("password:\thunter2", "password:\t<secret>"),
        ("Password:        hunter2", "Password:        <secret>"),
        (
            "password1=a, db_pass=b, pass=c, bypass=d",
            "password1=<secret>, db_pass=<secret>, pass=<secret>, bypass=d"
        ),
        ("<a:password>hunt er2</a:password>", "<a:password><secret></a:password>"),
        ("<token>abc</token> <td><token> x</td>", "<token><secret></token> <td><token> x</td>"),
        ("mysql --password hunter2 --host db", "mysql --password <secret> --host db"),
        ("mysql --password --host db", "mysql --password --host db"),
        ("Cookie: sid=abc1; theme=dark", "Cookie: <secret>"),
        (
            "{\"Cookie\": \"sid=abc1; theme=dark\", \"id\": 5}",
            "{\"Cookie\": \"<secret>\", \"id\": 5}"
        ),
        ("Authorization: Token 0123abcd", "Authorization: Token <token>"),
        ("postgres://shop:p@ss@db.example/shop", "postgres://shop:<secret>@db.example/shop"),
        (
            "https://ghp_0123456789abcdefABCDEF0123456789abcd@example.org/x",
            "https://<token>@example.org/x"
        ),
        (
            "https://0123456789abcdef01234:x-oauth-basic@example.org/x",
            "https://<token>@example.org/x"
        ),
        (
            "ssh://git@example.org/x and http://example.org:80/a@b",
            "ssh://git@example.org/x and http://example.org:80/a@b"
        ),
        ("?mail=ada%40example.org&x=1", "?mail=<email>&x=1"),
        (
            "no o'brien@example.org, 'ada@example.org', ada@m.xn--p1ai",
            "no <email>, '<email>', <email>"
        ),
        ("user ada@localhost, root@10.0.0.1", "user ada@localhost, root@10.0.0.1"),
        ("KeyError: 'name' in shop/models.py", "KeyError: 'name' in shop/models.py"),
        ("id 8f14e45f-ceea-467f-b0c4-9a1d3c5e7f02", "id 8f14e45f-ceea-467f-b0c4-9a1d3c5e7f02"),
        ("", ""),
    ]

    @Test(
        "tokens, keys, passwords, addresses and card numbers go, all else stays", arguments: cases)
    func masked(text: String, expected: String) {
        #expect(PrivacyMask.masked(text) == expected)
    }

    @Test("masking twice changes nothing", arguments: cases)
    func twice(text: String, expected: String) {
        #expect(PrivacyMask.masked(PrivacyMask.masked(text)) == expected)
    }

    @Test(
        "nothing private is in any part of a signature, whose pattern matches it raw",
        arguments: cases)
    func signature(text: String, expected: String) throws {
        let records = [
            (MinerTests.record(text), expected),
            (MinerTests.record("refused", type: text), expected + ": refused"),
            (MinerTests.record("refused", component: text), "refused"),
        ]
        for (record, example) in records where !text.isEmpty {
            let signature = try #require(MinerTests.mined([record]).first)
            #expect(signature.examples == [example])
            let regex = try LinearRegex(signature.messageRegex)
            #expect(regex.matches(record.headline), "\(signature.messageRegex)")
            #expect(signature.examples.allSatisfy(regex.matches), "\(signature.messageRegex)")
            #expect(signature.component == (record.component == text ? expected : "app"))
            if text != expected {
                #expect(
                    !signature.template.contains(text) && !signature.messageRegex.contains(text))
            }
        }
    }

    @Test("half of a secret is not left where a long message is cut")
    func cut() throws {
        let secret = "ghp_0123456789abcdefABCDEF0123456789abcd"
        let password = "token=" + String(repeating: "x", count: 80) + " "
        for (length, part) in [(2048, "x "), (4096, "x "), (4096, password)] {
            for overlap in [1, 5, 20, 39] {
                let many = String(repeating: part, count: length)
                let text = many.prefix(length - overlap - 1) + " " + secret
                let signature = try #require(MinerTests.mined([MinerTests.record(text)]).first)
                #expect(!signature.json.text().contains("ghp_"))
                #expect(try LinearRegex(signature.messageRegex).matches(text))
            }
        }
    }
}
