internal import FlowSystem

/// The files that come with flow: workflows and sample errors.
enum SharedFiles {
    /// `share/flow` beside the folder of flow's own executable, or the checkout that it was built in.
    static var folder: String? {
        guard let programs = Programs.folder else { return nil }
        let installed = Path.join(Path.folder(programs), "share/flow")
        if isRight(installed) { return installed }
        var place = programs
        while place != "/" {
            if isRight(place), Files.exists(Path.join(place, "Package.swift")) { return place }
            place = Path.folder(place)
        }
        return nil
    }

    private static func isRight(_ folder: String) -> Bool {
        Files.exists(Path.join(folder, "workflows/integrate.yaml"))
    }
}
