#include "FaultyDisk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic long calls;
static long limit = -1;

static void say(const char *text) {
    const char *path = getenv("FAULTY_LOG");
    int file = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) return;
    if (write(file, text, strlen(text)) < 0) abort();
    close(file);
}

__attribute__((constructor)) static void read_wish(void) {
    const char *wish = getenv("FAULTY_DISK");
    if (wish != NULL && strncmp(wish, "call:", 5) == 0) limit = atol(wish + 5);
}

__attribute__((destructor)) static void say_count(void) {
    char line[64];
    snprintf(line, sizeof line, "%ld calls\n", atomic_load(&calls));
    if (limit >= 0) say(line);
}

// Where a call of libgit2 goes on; or the program ends here.
__attribute__((used, visibility("hidden"))) void *faulty_call(const char *name) {
    if (limit >= 0 && atomic_fetch_add(&calls, 1) + 1 > limit) {
        char line[256];
        snprintf(line, sizeof line, "%s\n", name);
        say(line);
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    return dlsym(RTLD_NEXT, name);
}

// A function that keeps its arguments, whatever they are, and goes on where `faulty_call` says.
#if defined(__x86_64__)
#define PASSES(name)                                                                   \
    __asm__(".globl " name "\n.type " name ", @function\n" name ":\n"                   \
            "push %rdi\npush %rsi\npush %rdx\npush %rcx\npush %r8\npush %r9\npush %rax\n" \
            "lea 9f(%rip), %rdi\ncall faulty_call\nmov %rax, %r11\n"                      \
            "pop %rax\npop %r9\npop %r8\npop %rcx\npop %rdx\npop %rsi\npop %rdi\n"        \
            "jmp *%r11\n9: .string \"" name "\"\n");
#elif defined(__aarch64__)
#define PASSES(name)                                                                    \
    __asm__(".globl " name "\n.type " name ", %function\n" name ":\n"                   \
            "stp x29, x30, [sp, #-96]!\nstp x0, x1, [sp, #16]\nstp x2, x3, [sp, #32]\n"    \
            "stp x4, x5, [sp, #48]\nstp x6, x7, [sp, #64]\nstr x8, [sp, #80]\n"            \
            "adr x0, 9f\nbl faulty_call\nmov x16, x0\n"                                   \
            "ldp x0, x1, [sp, #16]\nldp x2, x3, [sp, #32]\nldp x4, x5, [sp, #48]\n"        \
            "ldp x6, x7, [sp, #64]\nldr x8, [sp, #80]\nldp x29, x30, [sp], #96\n"          \
            "br x16\n9: .string \"" name "\"\n.balign 4\n");
#endif

// What flow calls of libgit2; `GitCrashTests` holds this list to the program.
PASSES("git_attr_get_ext")
PASSES("git_attr_value")
PASSES("git_blob_create_from_buffer")
PASSES("git_blob_free")
PASSES("git_blob_lookup")
PASSES("git_blob_rawcontent")
PASSES("git_blob_rawsize")
PASSES("git_branch_delete")
PASSES("git_branch_is_checked_out")
PASSES("git_branch_name_is_valid")
PASSES("git_buf_dispose")
PASSES("git_clone")
PASSES("git_clone_options_init")
PASSES("git_commit_author")
PASSES("git_commit_committer")
PASSES("git_commit_create")
PASSES("git_commit_free")
PASSES("git_commit_lookup")
PASSES("git_commit_message")
PASSES("git_commit_parent_id")
PASSES("git_commit_parentcount")
PASSES("git_commit_tree")
PASSES("git_commit_tree_id")
PASSES("git_config_free")
PASSES("git_config_get_bool")
PASSES("git_config_get_string")
PASSES("git_config_iterator_free")
PASSES("git_config_iterator_new")
PASSES("git_config_next")
PASSES("git_config_open_level")
PASSES("git_config_open_ondisk")
PASSES("git_config_parse_bool")
PASSES("git_config_set_string")
PASSES("git_diff_free")
PASSES("git_diff_get_delta")
PASSES("git_diff_num_deltas")
PASSES("git_diff_tree_to_tree")
PASSES("git_error_last")
PASSES("git_fetch_options_init")
PASSES("git_filter_list_apply_to_blob")
PASSES("git_filter_list_free")
PASSES("git_filter_list_load")
PASSES("git_graph_ahead_behind")
PASSES("git_graph_descendant_of")
PASSES("git_ignore_path_is_ignored")
PASSES("git_index_add")
PASSES("git_index_free")
PASSES("git_index_get_bypath")
PASSES("git_index_open")
PASSES("git_index_remove")
PASSES("git_index_write")
PASSES("git_libgit2_init")
PASSES("git_libgit2_opts")
PASSES("git_merge_base")
PASSES("git_merge_file")
PASSES("git_merge_file_input_init")
PASSES("git_merge_file_result_free")
PASSES("git_packbuilder_free")
PASSES("git_packbuilder_insert_walk")
PASSES("git_packbuilder_new")
PASSES("git_packbuilder_object_count")
PASSES("git_packbuilder_write")
PASSES("git_reference_create")
PASSES("git_reference_create_matching")
PASSES("git_reference_delete")
PASSES("git_reference_free")
PASSES("git_reference_iterator_free")
PASSES("git_reference_iterator_glob_new")
PASSES("git_reference_lookup")
PASSES("git_reference_name_to_id")
PASSES("git_reference_next_name")
PASSES("git_reference_symbolic_target")
PASSES("git_reference_target")
PASSES("git_refspec_direction")
PASSES("git_refspec_src_matches")
PASSES("git_refspec_transform")
PASSES("git_remote_fetch")
PASSES("git_remote_free")
PASSES("git_remote_get_fetch_refspecs")
PASSES("git_remote_get_refspec")
PASSES("git_remote_list")
PASSES("git_remote_lookup")
PASSES("git_remote_pushurl")
PASSES("git_remote_refspec_count")
PASSES("git_remote_url")
PASSES("git_repository_commondir")
PASSES("git_repository_config")
PASSES("git_repository_config_snapshot")
PASSES("git_repository_free")
PASSES("git_repository_hashfile")
PASSES("git_repository_init_ext")
PASSES("git_repository_init_options_init")
PASSES("git_repository_is_bare")
PASSES("git_repository_is_shallow")
PASSES("git_repository_open_ext")
PASSES("git_repository_path")
PASSES("git_repository_set_ident")
PASSES("git_repository_state")
PASSES("git_repository_workdir")
PASSES("git_revwalk_free")
PASSES("git_revwalk_hide")
PASSES("git_revwalk_new")
PASSES("git_revwalk_next")
PASSES("git_revwalk_push")
PASSES("git_revwalk_simplify_first_parent")
PASSES("git_revwalk_sorting")
PASSES("git_signature_free")
PASSES("git_signature_new")
PASSES("git_strarray_dispose")
PASSES("git_tree_entry_byindex")
PASSES("git_tree_entry_byname")
PASSES("git_tree_entry_bypath")
PASSES("git_tree_entry_filemode")
PASSES("git_tree_entry_free")
PASSES("git_tree_entry_id")
PASSES("git_tree_entry_name")
PASSES("git_tree_entry_type")
PASSES("git_tree_entrycount")
PASSES("git_tree_free")
PASSES("git_tree_id")
PASSES("git_tree_lookup")
PASSES("git_treebuilder_entrycount")
PASSES("git_treebuilder_free")
PASSES("git_treebuilder_get")
PASSES("git_treebuilder_insert")
PASSES("git_treebuilder_new")
PASSES("git_treebuilder_remove")
PASSES("git_treebuilder_write")
PASSES("git_worktree_free")
PASSES("git_worktree_list")
PASSES("git_worktree_lookup")
PASSES("git_worktree_path")
PASSES("git_config_open_default")
PASSES("git_credential_ssh_key_from_agent")
PASSES("git_credential_ssh_key_new")
PASSES("git_credential_username_new")
PASSES("git_credential_userpass_plaintext_new")
PASSES("git_error_set_str")
PASSES("git_push_options_init")
PASSES("git_remote_connect_ext")
PASSES("git_remote_connect_options_init")
PASSES("git_remote_disconnect")
PASSES("git_remote_init_callbacks")
PASSES("git_remote_ls")
PASSES("git_remote_upload")
PASSES("git_stream_register")
