#include <git2.h>
#include <git2/sys/stream.h>

// git_libgit2_opts takes C variadics, which Swift cannot call.
static inline int flow_git2_accept_extensions(const char **names, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}

// Folders of at most `each` bytes stay in memory, and with all else that is kept at most `all`.
static inline int flow_git2_keep_folders(size_t each, size_t all) {
    int result = git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, each);
    return result < 0 ? result : git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)all);
}

static inline int flow_git2_trust(const char *file) {
    return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, NULL);
}

// A connection that flow makes for libgit2. It begins as libgit2's own does (git_socket_stream,
// 1.0 to 1.9): the ssh transport reads the descriptor from there.
typedef struct {
    git_stream parent;
    char *host;
    char *port;
    int descriptor;
} flow_git2_socket;
