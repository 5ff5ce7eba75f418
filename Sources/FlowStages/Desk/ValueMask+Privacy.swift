internal import FlowMining
internal import FlowSkills

extension ValueMask {
    /// What must not be kept, and the repository's own masks.
    init(_ masks: MessageMasks) {
        self.init(
            text: { PrivacyMask.masked($0, masks) }, isSecret: PrivacyMask.isSecret,
            wasMasked: PrivacyMask.hasPlaceholder, placeholder: PrivacyMask.secret)
    }
}
