import FlowSystem
import Testing

@Suite struct SHA256Tests {
    @Test(
        "the digests are those of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func vectors(_ text: String, _ digest: String) {
        #expect(SHA256.hex(text.utf8) == digest)
    }

    @Test("pieces of any size give the digest of the whole")
    func pieces() {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for size in [1, 55, 56, 63, 64, 65, 119, 128, 999] {
            var hash = SHA256()
            var at = 0
            while at < message.count {
                hash.update(message[at..<min(at + size, message.count)])
                at += size
            }
            #expect(hash.finish() == SHA256.digest(message))
        }
    }
}
