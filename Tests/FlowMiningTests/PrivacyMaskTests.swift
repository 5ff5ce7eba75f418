import FlowMining
import Testing

@Suite("Private parts of examples")
struct PrivacyMaskTests {
    static let cases: [(String, String)] = [
        ("mail from ada.novak+x@example.com failed", "mail from <email> failed"),
        ("card 4111 1111 1111 1111 refused", "card <card> refused"),
        ("card 4111-1111-1111-1111.", "card 4111-1111-1111-1111."),
        ("card=5500005555555559, next", "card=<card>, next"),
        ("order 4111111111111112 refused", "order 4111111111111112 refused"),
        ("password=hunter2 user=ada", "password=<secret> user=ada"),
        ("{\"api_key\": \"abc def\", \"id\": 5}", "{\"api_key\": \"<secret>\", \"id\": 5}"),
        ("DB_PASSWORD: s3cr3t!", "DB_PASSWORD: <secret>"),
        ("password: required", "password: required"),
        ("unexpected token: name", "unexpected token: name"),
        ("Authorization: Bearer abcdef.123456-XYZ", "Authorization: Bearer <token>"),
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
}
