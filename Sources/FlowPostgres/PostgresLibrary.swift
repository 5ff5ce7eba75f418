internal import CPQ
internal import Glibc

/// The functions of libpq, looked up when the first server is named: to link libpq costs every start of
/// a program 3.8 ms, and hardly any start needs it.
///
/// Unchecked: it holds pointers to code, which nobody changes.
struct PostgresLibrary: @unchecked Sendable {
    typealias Text = UnsafePointer<CChar>

    let connect:
        @convention(c) (UnsafePointer<Text?>, UnsafePointer<Text?>, Int32) -> OpaquePointer?
    let finish: @convention(c) (OpaquePointer?) -> Void
    let status: @convention(c) (OpaquePointer?) -> ConnStatusType
    let errorMessage: @convention(c) (OpaquePointer?) -> Text?
    let execute:
        @convention(c) (
            OpaquePointer?, Text, Int32, UnsafePointer<Oid>?, UnsafePointer<Text?>?,
            UnsafePointer<Int32>?, UnsafePointer<Int32>?, Int32
        ) -> OpaquePointer?
    let nextResult: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let resultStatus: @convention(c) (OpaquePointer?) -> ExecStatusType
    let resultField: @convention(c) (OpaquePointer?, Int32) -> Text?
    let clear: @convention(c) (OpaquePointer?) -> Void
    let columnCount: @convention(c) (OpaquePointer?) -> Int32
    let columnName: @convention(c) (OpaquePointer?, Int32) -> Text?
    let columnType: @convention(c) (OpaquePointer?, Int32) -> Oid
    let copyData:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, Int32)
            -> Int32
    let escapeLiteral: @convention(c) (OpaquePointer?, Text, Int) -> UnsafeMutablePointer<CChar>?
    let escapeIdentifier: @convention(c) (OpaquePointer?, Text, Int) -> UnsafeMutablePointer<CChar>?
    let free: @convention(c) (UnsafeMutableRawPointer?) -> Void

    /// libpq of this process.
    static let shared = Result { () throws(PostgresError) in try PostgresLibrary("libpq.so.5") }

    /// Loads the library for as long as the process lives.
    init(_ name: String) throws(PostgresError) {
        let doing = "load \(name), the client library of PostgreSQL"
        let advice = "install the package libpq5"
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "not found"
            throw PostgresError(.library, doing: doing, "\(reason); \(advice)")
        }
        func find<Function>(_ symbol: String) throws(PostgresError) -> Function {
            guard let address = dlsym(handle, symbol) else {
                throw PostgresError(.library, doing: doing, "it has no \(symbol); \(advice)")
            }
            // The types stand in libpq-fe.h and are part of the library's name, libpq.so.5.
            return unsafeBitCast(address, to: Function.self)
        }
        connect = try find("PQconnectdbParams")
        finish = try find("PQfinish")
        status = try find("PQstatus")
        errorMessage = try find("PQerrorMessage")
        execute = try find("PQexecParams")
        nextResult = try find("PQgetResult")
        resultStatus = try find("PQresultStatus")
        resultField = try find("PQresultErrorField")
        clear = try find("PQclear")
        columnCount = try find("PQnfields")
        columnName = try find("PQfname")
        columnType = try find("PQftype")
        copyData = try find("PQgetCopyData")
        escapeLiteral = try find("PQescapeLiteral")
        escapeIdentifier = try find("PQescapeIdentifier")
        free = try find("PQfreemem")
    }
}
