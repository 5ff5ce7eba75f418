// What the address sanitizer is not to report as leaks: memory that libraries lose, not flow. Only
// a build with the sanitizer has it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void) {
    // libgit2 1.5.1 loses the match of each configuration key that does not match a search by
    // pattern; XCTest, which starts the test runner, its empty suite.
    return "leak:libpcre2-8\nleak:libXCTest\n";
}

// Else it tells on standard error what it has left out, where tests look for flow's own words.
const char *__lsan_default_options(void) { return "print_suppressions=0"; }
#endif
#endif
