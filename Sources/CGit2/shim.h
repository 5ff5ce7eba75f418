#include <git2.h>

// git_libgit2_opts takes C variadics, which Swift cannot call.
static inline int flow_git2_accept_extensions(const char **names, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}
