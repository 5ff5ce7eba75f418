#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo take C variadics, which Swift cannot call. Both are looked
// up when the library is loaded, so they are given here.
typedef CURLcode (*flow_curl_setter)(CURL *, CURLoption, ...);
typedef CURLcode (*flow_curl_getter)(CURL *, CURLINFO, ...);
typedef size_t (*flow_curl_receiver)(char *, size_t, size_t, void *);

static inline CURLcode flow_curl_set_number(
    flow_curl_setter set, CURL *handle, CURLoption option, long value) {
    return set(handle, option, value);
}

static inline CURLcode flow_curl_set_pointer(
    flow_curl_setter set, CURL *handle, CURLoption option, const void *value) {
    return set(handle, option, value);
}

static inline CURLcode flow_curl_set_receiver(
    flow_curl_setter set, CURL *handle, CURLoption option, flow_curl_receiver value) {
    return set(handle, option, value);
}

static inline CURLcode flow_curl_get_number(
    flow_curl_getter get, CURL *handle, CURLINFO info, long *value) {
    return get(handle, info, value);
}
